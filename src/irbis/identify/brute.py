"""Nearest neighbours by comparing everything with everything: exact, for small sets and as the truth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["nearest", "squared_distances"]

_FEW = 8  # up to here looking for the next nearest again and again is faster than sorting


def squared_distances(
    one: npt.NDArray[np.uint8], many: npt.NDArray[np.uint8]
) -> npt.NDArray[np.float32]:
    """Squared distances of descriptors, exact (see :mod:`irbis.identify.keypoints`).

    Parameters
    ----------
    one, many : ndarray of uint8, shapes (n, d) and (m, d)

    Returns
    -------
    ndarray of float32, shape (n, m)

    Examples
    --------
    >>> squared_distances(np.array([[0, 3]], np.uint8), np.array([[4, 0], [0, 3]], np.uint8)).tolist()
    [[25.0, 0.0]]
    """
    a, b = one.astype(np.float32), many.astype(np.float32)
    sides = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None, :]
    return np.asarray(sides - 2 * (a @ b.T), np.float32)


def nearest(
    one: npt.NDArray[np.uint8], many: npt.NDArray[np.uint8], count: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Find the `count` nearest of `many` to each of `one`, nearest first.

    Returns
    -------
    distances : ndarray of float32, shape (n, count)
        Squared; infinite where there are fewer than `count`.
    which : ndarray of int64, shape (n, count)
        Rows of `many`; -1 where there are fewer. Of equally near ones the first comes first.
    """
    found = np.full((len(one), count), np.inf, np.float32)
    which = np.full((len(one), count), -1, np.int64)
    have = min(count, len(many))
    if len(one) and have:
        distances = squared_distances(one, many)
        if have <= _FEW:
            rows = np.arange(len(one))
            for place in range(have):
                which[:, place] = np.argmin(distances, axis=1)  # of equal ones the first
                found[:, place] = distances[rows, which[:, place]]
                distances[rows, which[:, place]] = np.inf
        else:
            order = np.argsort(distances, axis=1, kind="stable")[:, :have]
            found[:, :have], which[:, :have] = np.take_along_axis(distances, order, axis=1), order
    return found, which
