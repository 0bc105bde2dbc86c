"""Which pictures of one thing look most like the rest: unrelated ones among them do not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["alike", "consensus"]

Values = npt.NDArray[np.float64]

_ROUNDS = 20
# Pictures below this share of the median do not speak for the others.
_LEAST = 0.6


def consensus(targets: npt.NDArray[np.floating], others: npt.NDArray[np.floating]) -> Values:
    """How far each picture departs from the others in the direction that most of its kind do.

    Features are divided by their standard deviation. A picture's score is the cosine between its
    own difference from the mean of the others and that of the mean of its kind, itself left out;
    what scores low is left out of that mean, and so on until nothing changes. As long as the thing
    is in most of the pictures, those of other things end at the bottom, whether a classifier that
    learned from them believes in them or not.

    Parameters
    ----------
    targets : ndarray of shape (n, features), n >= 2
    others : ndarray of shape (m, features), m >= 1

    Returns
    -------
    ndarray of float64, shape (n,), from -1 to 1

    Examples
    --------
    >>> same, odd = np.array([[1.0, 0.1], [1, 0], [0.9, 0]]), np.array([[0.0, 1.0]])
    >>> int(consensus(np.concatenate([same, odd]), np.zeros((4, 2))).argmin())
    3
    """
    spread = np.concatenate([targets, others]).std(axis=0) + 1e-6
    centre = np.asarray(others, np.float64).mean(axis=0) / spread
    apart = np.asarray(targets, np.float64) / spread - centre
    kept = np.ones(len(apart), dtype=bool)
    for _ in range(_ROUNDS):
        own = kept[:, None] * apart
        rest = (own.sum(axis=0) - own) / np.maximum(kept.sum() - kept, 1)[:, None]
        lengths = np.linalg.norm(apart, axis=1) * np.linalg.norm(rest, axis=1)
        scores = np.einsum("ij,ij->i", apart, rest) / np.maximum(lengths, 1e-12)
        following = scores > _LEAST * np.median(scores[kept])
        if (following == kept).all() or following.sum() < 2:
            break
        kept = following
    return np.asarray(scores)


def alike(scores: Values) -> npt.NDArray[np.bool_]:
    """Which pictures are like the rest, by their :func:`consensus`.

    Examples
    --------
    >>> alike(np.array([0.5, 0.6, 0.4, 0.1])).tolist()
    [True, True, True, False]
    """
    first = scores > _LEAST * np.median(scores)
    return np.asarray(scores > _LEAST * np.median(scores[first]))
