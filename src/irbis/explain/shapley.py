"""Shapley values from coalitions: weighted least squares whose sum is fixed, in closed form."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from irbis.explain.sampling import Design
from irbis.explain.surrogate import Fit

__all__ = ["shapley"]

Matrix = npt.NDArray[np.float64]


def shapley(kept: Design, values: Matrix, weights: Matrix) -> Fit:
    """Fit all classes at once; the values of the parts sum to f(all) - f(none), to rounding.

    Parameters
    ----------
    kept, weights
        Of :func:`irbis.explain.coalitions.coalitions`.
    values : ndarray of float64, shape (n, classes)
        The model's answers to `kept`.

    Returns
    -------
    Fit
        Its intercept is the base value, f(none); r2 is that on the coalitions, 0 where the model
        always says the same; it can be negative, as both ends of the fit are fixed.

    Examples
    --------
    >>> from irbis.explain.coalitions import coalitions
    >>> kept, weights = coalitions(3, 8)
    >>> both = kept[:, :1] * kept[:, 1:2] * 2.0 + 1.0  # the first two together
    >>> fit = shapley(kept, both, weights)
    >>> fit.weights.round(6).tolist()[0][:2], fit.intercept.tolist()
    ([1.0, 1.0], [1.0])
    """
    parts = kept.shape[1]
    base, gain = values[1], values[0] - values[1]
    x = kept[2:].astype(np.float64)
    size = x.mean(axis=1, keepdims=True)
    # An equal share for all, and what is beside it, which sums to 0 over the parts: rows less
    # their mean can't see a sum, so the constraint needs no multiplier.
    centred = x - size
    rest = values[2:] - base - size * gain
    weighted = centred * weights[:, None]
    gram = weighted.T @ centred + 1.0 / parts**2
    beside = np.linalg.lstsq(gram, weighted.T @ rest, rcond=None)[0]
    beside -= beside.mean(axis=0)
    phi = gain / parts + beside
    return Fit(phi.T, base, _r2(kept, values, weights, values - base - kept @ phi))


def _r2(kept: Design, values: Matrix, weights: Matrix, residual: Matrix) -> Matrix:
    if len(kept) == 2:  # one part: a line through two points
        return np.asarray(values[0] != values[1], dtype=np.float64)
    w = weights[:, None]
    middle = values[2:]
    total = (w * (middle - (w * middle).sum(axis=0)) ** 2).sum(axis=0)
    lost = (w * residual[2:] ** 2).sum(axis=0)
    scale = np.maximum(np.abs(values).max(axis=0), 1e-300)
    varies = total > (1e-12 * scale) ** 2  # rounding is no variation
    return np.where(varies, 1.0 - lost / np.where(varies, total, 1.0), 0.0)
