"""How far to trust an explanation: does the model change where it says, does it say so again.

All functions ask the model through a function of masks, so they judge explanations of anything,
whoever made them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from irbis.explain.sampling import independent

__all__ = ["Score", "deletion_auc", "held_out_r2", "insertion_auc", "top_k_jaccard"]

Weights = npt.NDArray[np.float64]
Score = Callable[[npt.NDArray[np.bool_]], npt.NDArray[np.float64]]


def deletion_auc(score: Score, importance: Weights, steps: int = 20) -> float:
    """Hide the most important first; the lower the area under the score, the better (RISE).

    Parameters
    ----------
    score : callable
        Masks of what is kept, shape ``(n, *importance.shape)``, to the model's answers, shape (n,).
    importance : ndarray of float64, any shape
        Of each part: superpixels (segments,), pixels (height, width), words, columns.
    steps : int, default 20, from 1
        Scores are taken at steps + 1 even shares of what is hidden, from nothing to all.

    Returns
    -------
    float
        Area under the score over the share hidden, trapezoids; on the score's own scale.

    Notes
    -----
    Petsiuk, Das, Saenko: RISE, BMVC 2018. Parts of equal importance go in the order they stand in.

    Examples
    --------
    >>> weights = np.array([3.0, 1.0])
    >>> deletion_auc(lambda kept: kept @ weights, weights, steps=2)
    1.5
    """
    return _area(score(_shares(importance, steps, keep=False)))


def insertion_auc(score: Score, importance: Weights, steps: int = 20) -> float:
    """Show the most important first; the higher the area under the score, the better (RISE).

    Parameters and result are those of :func:`deletion_auc`, from all hidden to nothing hidden.

    Examples
    --------
    >>> weights = np.array([3.0, 1.0])
    >>> insertion_auc(lambda kept: kept @ weights, weights, steps=2)
    2.5
    """
    return _area(score(_shares(importance, steps, keep=True)))


def held_out_r2(
    score: Score, weights: Weights, intercept: float, samples: int = 64, seed: int = 1
) -> float:
    """Coefficient of determination of a linear surrogate on masks that it was not fitted to.

    Parameters
    ----------
    score : callable
        Masks, shape (n, segments), to answers, shape (n,), on the scale the surrogate was fitted
        on (for metric "logit": logits).
    weights : ndarray of float64, shape (segments,)
    intercept : float
    samples : int, default 64, from 2
        Independent masks, each part kept with probability 1/2.
    seed : int, default 1
        Of the masks.

    Returns
    -------
    float
        1 is perfect; 0 or less: no better than a constant. 0 where the model always says the same.

    Examples
    --------
    >>> held_out_r2(lambda kept: kept @ np.array([3.0, 1.0]), np.array([3.0, 1.0]), 0.0)
    1.0
    """
    # The first row of a design keeps all: any surrogate has seen it.
    kept = independent(len(weights), samples + 1, seed)[1:]
    answers = score(kept)
    residual = float(((answers - kept @ weights - intercept) ** 2).sum())
    total = float(((answers - answers.mean()) ** 2).sum())
    return 1.0 - residual / total if total > 0 else 0.0


def top_k_jaccard(runs: Sequence[Weights], k: int) -> float:
    """How alike the k most important parts are between runs, such as those of several seeds.

    Parameters
    ----------
    runs : sequence of ndarray of float64, shape (segments,)
        At least two, over the same parts. Parts of equal weight count in the order they stand in.
    k : int, from 1

    Returns
    -------
    float
        Mean over all pairs of runs of (parts in both) / (parts in either); 1: always the same.

    Examples
    --------
    >>> top_k_jaccard([np.array([3.0, 2, 1]), np.array([3.0, 1, 2])], 2)
    0.3333333333333333
    """
    tops = [set(np.argsort(-np.asarray(w), kind="stable")[:k].tolist()) for w in runs]
    return float(np.mean([len(a & b) / len(a | b) for a, b in combinations(tops, 2)]))


def _shares(importance: Weights, steps: int, *, keep: bool) -> npt.NDArray[np.bool_]:
    """Masks in which 0, 1/steps, ... 1 of the most important parts are kept, or hidden."""
    flat = np.asarray(importance).reshape(-1)
    rank = np.empty(len(flat), dtype=np.int64)
    rank[np.argsort(-flat, kind="stable")] = np.arange(len(flat))
    counts = np.round(np.linspace(0, len(flat), steps + 1)).astype(np.int64)
    first = rank < counts[:, None]
    return (first if keep else ~first).reshape(-1, *np.shape(importance))


def _area(scores: npt.NDArray[np.float64]) -> float:
    return float(np.trapezoid(scores, dx=1 / (len(scores) - 1)))
