"""Samples until the ranking of parts no longer changes: easy pictures cost less than hard ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from irbis.explain.sampling import Design, fold_over
from irbis.explain.surrogate import Fit

__all__ = ["rank_agreement", "until_stable"]

Matrix = npt.NDArray[np.float64]


def until_stable(
    score: Callable[[Design], Matrix],
    fit: Callable[[Design, Matrix], Fit],
    segments: int,
    samples: int,
    stability: float,
    seed: int = 0,
) -> tuple[Matrix, Fit]:
    """Add fold-over designs until the ranking is stable, or the next would be too many.

    Each round is the smallest fold-over design with room for the parts, over other columns of the
    Hadamard matrix than the round before; the surrogate is fitted to all rounds so far. It stops
    when, for every class, the ranks before and after a round agree.

    Parameters
    ----------
    score : callable
        Masks to the values to explain, shape (n, classes).
    fit : callable
        Masks and values to a :class:`irbis.explain.surrogate.Fit`.
    segments : int, from 1
    samples : int
        At most so many masks, but one round in any case.
    stability : float, range 0 to 1
        Spearman's rank correlation that counts as agreement.
    seed : int, default 0

    Returns
    -------
    scores : ndarray of float64, shape (masks used, classes)
        The first row is of all parts kept.
    fit : Fit

    Examples
    --------
    >>> from irbis.explain.surrogate import ridge
    >>> truth = np.array([[3.0], [-1.0], [0.5]])
    >>> scores, found = until_stable(
    ...     lambda kept: kept @ truth, lambda k, y: ridge(k, y, np.ones(len(k)), 0.0), 3, 999, 0.95
    ... )
    >>> len(scores), found.weights.round(6).tolist()
    (16, [[3.0, -1.0, 0.5]])
    """
    kept = fold_over(segments, 2, seed)
    scores = score(kept)
    found = fit(kept, scores)
    size, seeds = len(kept), np.random.default_rng(seed)
    while len(kept) + size <= samples:
        more = fold_over(segments, 2, int(seeds.integers(2**63)))
        kept = np.concatenate([kept, more])
        scores = np.concatenate([scores, score(more)])
        before, found = found, fit(kept, scores)
        pairs = zip(before.weights, found.weights, strict=True)
        if all(rank_agreement(a, b) >= stability for a, b in pairs):
            break
    return scores, found


def rank_agreement(one: Matrix, other: Matrix) -> float:
    """Spearman's rank correlation of two lists of weights; 1 if neither has an order, 0 if one has none.

    Examples
    --------
    >>> rank_agreement(np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0]))
    -1.0
    """
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return float(np.ptp(one) == np.ptp(other))
    a, b = (np.argsort(np.argsort(w, kind="stable")) for w in (one, other))
    centred_a, centred_b = a - a.mean(), b - b.mean()
    return float(centred_a @ centred_b / np.sqrt((centred_a @ centred_a) * (centred_b @ centred_b)))
