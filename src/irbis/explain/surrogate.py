"""The linear model that stands in for the real one near a picture: weighted ridge or lasso.

Both work on the Gram matrix of the masks, which is summed up in blocks of samples: what they need
does not grow with the samples, and all classes are fitted at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["SURROGATES", "Fit", "Surrogate", "kernel", "lasso", "ridge"]

Matrix = npt.NDArray[np.float64]

_BLOCK = 1024  # samples turned into numbers at once
_SWEEPS, _ENOUGH = 10_000, 1e-9  # of coordinate descent: at most, and relative change that ends it


@dataclass(frozen=True)
class Fit:
    """A fitted surrogate: weights (classes, segments), intercept and r2 (classes,)."""

    weights: Matrix
    intercept: Matrix
    r2: Matrix


def kernel(kept: npt.NDArray[np.bool_], width: float) -> Matrix:
    """Weight of each perturbation by its distance from the picture (Ribeiro et al., KDD 2016).

    ``sqrt(exp(-d**2 / width**2))`` with d the Euclidean distance of the masks from "keep all",
    scaled to 0..1.

    Parameters
    ----------
    kept : ndarray of bool, shape (n, segments)
    width : float, above 0
    """
    distance2 = 1.0 - kept.mean(axis=1)
    return np.asarray(np.sqrt(np.exp(-distance2 / width**2)))


def ridge(
    kept: npt.NDArray[np.bool_], targets: Matrix, weights: Matrix, regularization: float
) -> Fit:
    """Fit all classes at once, in closed form; the intercept is not penalised.

    Smallest ``sum(w * (y - x @ b - c) ** 2) + regularization * sum(b ** 2)``.

    Parameters
    ----------
    kept : ndarray of bool, shape (n, segments)
    targets : ndarray of float64, shape (n, classes)
    weights : ndarray of float64, shape (n,)
        Of the perturbations; scaled to sum to n.
    regularization : float, from 0
        Ridge penalty.

    Examples
    --------
    >>> kept = np.array([[True, True], [True, False], [False, True], [False, False]])
    >>> fit = ridge(kept, kept @ np.array([[2.0], [-1.0]]) + 3, np.ones(4), 0.0)
    >>> fit.weights.round(6).tolist(), fit.intercept.round(6).tolist(), fit.r2.tolist()
    ([[2.0, -1.0]], [3.0], [1.0])
    """

    def solve(gram: Matrix, moments: Matrix) -> Matrix:
        gram[np.diag_indices_from(gram)] += regularization
        # Least squares rather than solve: a superpixel may be the whole picture.
        return np.asarray(np.linalg.lstsq(gram, moments, rcond=None)[0], dtype=np.float64)

    return _fit(kept, targets, weights, solve)


def lasso(
    kept: npt.NDArray[np.bool_], targets: Matrix, weights: Matrix, regularization: float
) -> Fit:
    """Fit all classes at once with weights of exactly 0 where a part hardly matters.

    Smallest ``sum(w * (y - x @ b - c) ** 2) / 2 + regularization * sum(abs(b))``, by coordinate
    descent on the Gram matrix (Friedman, Hastie, Tibshirani, 2010). scikit-learn's ``Lasso`` has
    the same with ``alpha = regularization / n``. Where the design is orthogonal (fold-over, equal
    weights) the first sweep is the answer.

    Parameters
    ----------
    kept, targets, weights
        As for :func:`ridge`.
    regularization : float, from 0
        A part needs a weight of about ``4 * regularization / n`` to count at all.

    Examples
    --------
    >>> kept = np.array([[True, True], [True, False], [False, True], [False, False]])
    >>> fit = lasso(kept, kept @ np.array([[2.0], [-0.1]]) + 3, np.ones(4), 0.5)
    >>> fit.weights.round(6).tolist()
    [[1.5, 0.0]]
    """

    def solve(gram: Matrix, moments: Matrix) -> Matrix:
        found = np.zeros_like(moments)
        own = np.diagonal(gram)
        for _ in range(_SWEEPS):
            before = found.copy()
            for part in np.flatnonzero(own > 0):
                pull = moments[part] - gram[part] @ found + own[part] * found[part]
                shrunk = np.maximum(np.abs(pull) - regularization, 0.0)
                found[part] = np.sign(pull) * shrunk / own[part] + 0.0  # no -0.0
            if np.abs(found - before).max() <= _ENOUGH * np.abs(found).max():
                break
        return found

    return _fit(kept, targets, weights, solve)


def _fit(
    kept: npt.NDArray[np.bool_],
    targets: Matrix,
    weights: Matrix,
    solve: Callable[[Matrix, Matrix], Matrix],
) -> Fit:
    """Centre, sum up the Gram matrix and the moments, solve, and look at what is left."""
    w = weights * (len(weights) / weights.sum())
    mean_x = sum(w[rows] @ kept[rows].astype(np.float64) for rows in _blocks(kept)) / w.sum()
    mean_y = w @ targets / w.sum()
    yc = targets - mean_y
    gram, moments = 0.0, 0.0
    for rows in _blocks(kept):
        xc = kept[rows].astype(np.float64) - mean_x
        weighted = (xc * w[rows, None]).T
        gram, moments = gram + weighted @ xc, moments + weighted @ yc[rows]
    coefficients = solve(np.asarray(gram), np.asarray(moments))
    residual = np.zeros(targets.shape[1])
    for rows in _blocks(kept):
        left = yc[rows] - (kept[rows].astype(np.float64) - mean_x) @ coefficients
        residual += (w[rows, None] * left**2).sum(axis=0)
    total = (w[:, None] * yc**2).sum(axis=0)
    r2 = np.where(total > 0, 1.0 - residual / np.where(total > 0, total, 1.0), 0.0)
    return Fit(coefficients.T, mean_y - mean_x @ coefficients, r2)


def _blocks(kept: npt.NDArray[np.bool_]) -> list[slice]:
    return [slice(at, at + _BLOCK) for at in range(0, len(kept), _BLOCK)]


Surrogate = Callable[[npt.NDArray[np.bool_], Matrix, Matrix, float], Fit]
SURROGATES: dict[str, Surrogate] = {"ridge": ridge, "lasso": lasso}
