"""The linear model that stands in for the real one near a picture: weighted ridge, closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Fit", "kernel", "ridge"]

Matrix = npt.NDArray[np.float64]


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
    """Fit all classes at once; the intercept is not penalised.

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
    w = weights * (len(weights) / weights.sum())
    x = kept.astype(np.float64)
    mean_x, mean_y = w @ x / w.sum(), w @ targets / w.sum()
    xc, yc = x - mean_x, targets - mean_y
    gram = (xc * w[:, None]).T @ xc
    gram[np.diag_indices_from(gram)] += regularization
    # Least squares rather than solve: a superpixel may be the whole picture.
    coefficients = np.linalg.lstsq(gram, (xc * w[:, None]).T @ yc, rcond=None)[0]
    residual = (w[:, None] * (yc - xc @ coefficients) ** 2).sum(axis=0)
    total = (w[:, None] * yc**2).sum(axis=0)
    r2 = np.where(total > 0, 1.0 - residual / np.where(total > 0, total, 1.0), 0.0)
    return Fit(coefficients.T, mean_y - mean_x @ coefficients, r2)
