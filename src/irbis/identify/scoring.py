"""What a match of one descriptor is worth: HotSpotter's four scores, from one list of neighbours.

Neighbour p of a query's descriptor, of k, is judged by the (k+1)-th, the background: what lies no
nearer than anything else in the database says nothing. A match counts only if it is strictly nearer
than the background, so ties never decide and a search in parts finds the same matches as one in whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from irbis.identify.keypoints import UNIT

__all__ = ["SCORES", "Matches", "matches_of"]

#: lnbnn: background - distance (McCann and Lowe, 2012); ratio: background / distance; logratio: its
#: logarithm; count: 1. Distances are squared, of descriptors of length 1.
SCORES = ("lnbnn", "count", "ratio", "logratio")


@dataclass(frozen=True)
class Matches:
    """Matches of one query, ordered by its keypoints, nearest first.

    Parameters
    ----------
    query : ndarray of int64
        Keypoint of the query.
    owner : ndarray of int64
        Annotation of the known set.
    point : ndarray of int64
        Keypoint of that annotation.
    weight : ndarray of float64
        What it is worth.
    """

    query: npt.NDArray[np.int64]
    owner: npt.NDArray[np.int64]
    point: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float64]

    def of(self, which: npt.NDArray[np.intp]) -> Matches:
        """Some of them."""
        return Matches(self.query[which], self.owner[which], self.point[which], self.weight[which])


def matches_of(
    distances: npt.NDArray[np.float32],
    owners: npt.NDArray[np.int64],
    points: npt.NDArray[np.int64],
    score: str,
) -> Matches:
    """Score the k nearest of k + 1 neighbours.

    Parameters
    ----------
    distances : ndarray of float32, shape (n, k + 1)
        Squared, nearest first, whole numbers in units of 1 / 512^2; infinite where there is none.
    owners, points : ndarray of int64, shape (n, k + 1)
    score : str
        One of :data:`SCORES`.

    Examples
    --------
    >>> found = matches_of(np.array([[0, 131072]], np.float32), np.array([[7, 8]]),
    ...                    np.array([[1, 2]]), "lnbnn")
    >>> found.owner.tolist(), found.weight.tolist()
    ([7], [0.5])
    """
    background = distances[:, -1:].astype(np.float64)
    near = distances[:, :-1].astype(np.float64)
    # No background, no evidence.
    rows, columns = np.nonzero((near < background) & np.isfinite(background))
    last, d = background[rows, 0], near[rows, columns]
    if score == "lnbnn":
        weight = (last - d) / UNIT**2
    elif score == "count":
        weight = np.ones(len(rows))
    else:
        # An exact copy is at distance 0; half the smallest distance there is stands for it.
        ratio = last / np.maximum(d, 0.5)
        weight = ratio if score == "ratio" else np.log(ratio)
    # Of neighbours equally near, any order would do for the set but not for the bits of a sum.
    owner, point = owners[rows, columns], points[rows, columns]
    order = np.lexsort((point, owner, d, rows))
    return Matches(rows[order].astype(np.int64), owner[order], point[order], weight[order])
