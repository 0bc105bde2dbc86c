"""Which parts to keep for Kernel SHAP: coalitions and their Shapley kernel weights."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

from irbis.explain.sampling import Design

__all__ = ["coalitions"]

Weights = npt.NDArray[np.float64]


def coalitions(parts: int, samples: int, seed: int = 0) -> tuple[Design, Weights]:
    """Draw coalitions as the Shapley kernel weighs them, each with its complement.

    If all 2**parts fit, they are taken: Shapley values are then exact. Else the smallest and
    largest coalitions are all taken as far as the samples go, those of one part always; the rest
    is drawn, sizes by their weight, in antithetic pairs (Covert & Lee, AISTATS 2021).

    Parameters
    ----------
    parts : int, from 1
    samples : int, from 2
        At least 2 * parts + 2 are used; rounded up to an even number.
    seed : int, default 0

    Returns
    -------
    kept : ndarray of bool, shape (n, parts)
        The first row keeps all, the second none.
    weights : ndarray of float64, shape (n - 2,)
        Of the other rows; they sum to 1, if there are any.

    Notes
    -----
    Lundberg & Lee, A Unified Approach to Interpreting Model Predictions, NeurIPS 2017.

    Examples
    --------
    >>> kept, weights = coalitions(3, 8)
    >>> len(kept), kept[:2].tolist(), weights.round(3).tolist()
    (8, [[True, True, True], [False, False, False]], [0.167, 0.167, 0.167, 0.167, 0.167, 0.167])
    """
    left = max(samples, 2 * parts + 2) - 2
    left += left % 2
    if parts < 63 and 2**parts - 2 <= left:
        left = 2**parts - 2
    # By pairs of sizes: k parts kept, and k parts hidden.
    sizes = np.arange(1, parts // 2 + 1)
    # Total kernel weight of a size: (M - 1) / (k (M - k)), whatever the number of coalitions.
    mass = (parts - 1) / (sizes * (parts - sizes)) * np.where(2 * sizes == parts, 1, 2)
    mass = mass / mass.sum() if len(mass) else mass
    kept = [np.ones((1, parts), dtype=bool), np.zeros((1, parts), dtype=bool)]
    weights: list[Weights] = []
    at = 0
    for k in sizes.tolist():
        count = comb(parts, k) * (1 if 2 * k == parts else 2)
        share = mass[at] / mass[at:].sum()
        if k > 1 and count > left * share + 1e-9:
            break
        kept.append(_all_of(parts, k))
        weights.append(np.full(count, mass[at] / count))
        left -= count
        at += 1
    if at < len(sizes) and left >= 2:
        drawn = _drawn(parts, sizes[at:], mass[at:] / mass[at:].sum(), left // 2, seed)
        kept.append(drawn)
        weights.append(np.full(len(drawn), mass[at:].sum() / len(drawn)))
    found = np.concatenate(weights) if weights else np.zeros(0)
    return np.concatenate(kept), found / found.sum() if len(found) else found


def _all_of(parts: int, k: int) -> Design:
    """Coalitions of k parts, and those that lack k parts."""
    chosen = np.array(list(combinations(range(parts), k)))
    kept = np.zeros((len(chosen), parts), dtype=bool)
    np.put_along_axis(kept, chosen, True, axis=1)
    return kept if 2 * k == parts else np.concatenate([kept, ~kept])


def _drawn(
    parts: int, sizes: npt.NDArray[np.int64], chances: Weights, pairs: int, seed: int
) -> Design:
    rng = np.random.default_rng(seed)
    size = rng.choice(sizes, size=pairs, p=chances)
    rank = rng.random((pairs, parts)).argsort(axis=1).argsort(axis=1)
    kept = rank < size[:, None]
    return np.concatenate([kept, ~kept])
