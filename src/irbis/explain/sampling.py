"""Which parts to keep in which perturbation: designs, each a small function of the same shape.

The default is a balanced fold-over Hadamard design, always the same: each part is kept in exactly half of the
perturbations, any two of them together in exactly a quarter, and every perturbation comes with its
complement, so main effects are estimated free of pair interactions (a resolution IV design: Box &
Hunter, 1961; Plackett & Burman, 1946).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

__all__ = ["SAMPLERS", "Design", "antithetic", "fixed_fold_over", "fold_over", "independent"]

Design = npt.NDArray[np.bool_]  # (perturbations, parts): True where a part is kept
_BLOCK = 1024


def fold_over(segments: int, samples: int, seed: int = 0) -> Design:
    """Make the balanced design; exact where the model is additive.

    Parameters
    ----------
    segments : int, from 1
        Number of superpixels.
    samples : int, from 2
        Perturbations asked for: rounded up to a power of two, and to one that has room for
        `segments` (128 for up to 63).
    seed : int, default 0
        Which columns of the Hadamard matrix are used; the design is the same for the same seed.

    Returns
    -------
    ndarray of bool, shape (n, segments)
        True where a superpixel is kept. The first row keeps all, its complement keeps none.

    Examples
    --------
    >>> design = fold_over(5, 16)
    >>> design.shape, design.mean(axis=0).tolist()
    ((16, 5), [0.5, 0.5, 0.5, 0.5, 0.5])
    """
    order = 1
    while order < segments + 1 or 2 * order < samples:
        order *= 2
    columns = np.random.default_rng(seed).permutation(np.arange(1, order))[:segments]
    # Sylvester's matrix by its formula, only the columns used: whole, it grows with samples squared.
    both = columns[:, None].astype(np.int32) & np.arange(order, dtype=np.int32)
    kept = np.bitwise_count(both) % 2 == 0
    # A part's column lies together in memory: the fit's last bits depend on that.
    return np.concatenate([kept, ~kept], axis=1).T


def fixed_fold_over(segments: int, samples: int, seed: int = 0) -> Design:
    """Make the fold-over design of seed 0, whatever the seed: a balanced design draws nothing.

    What other columns would have said is a question for :func:`fold_over` and several seeds.

    Examples
    --------
    >>> np.array_equal(fixed_fold_over(5, 16, 1), fixed_fold_over(5, 16, 2))
    True
    """
    del seed
    return fold_over(segments, samples, 0)


def independent(segments: int, samples: int, seed: int = 0) -> Design:
    """Keep each part with probability 1/2, on its own, as published (Ribeiro et al., KDD 2016).

    Parameters
    ----------
    segments : int, from 1
    samples : int, from 2
        Exactly so many rows; the first keeps all.
    seed : int, default 0

    Examples
    --------
    >>> independent(3, 10).shape, independent(3, 10)[0].tolist()
    ((10, 3), [True, True, True])
    """
    draws = np.random.default_rng(seed)
    kept = np.empty((samples, segments), dtype=bool)
    for rows in np.split(kept, range(_BLOCK, samples, _BLOCK)):  # numbers are 8 times a mask's size
        rows[:] = draws.random(rows.shape) < 0.5
    kept[0] = True
    return kept


def antithetic(segments: int, samples: int, seed: int = 0) -> Design:
    """Make independent draws, each with its complement: what pairs do together cancels out.

    Parameters
    ----------
    segments : int, from 1
    samples : int, from 2
        Rounded up to an even number. The first row keeps all, its complement keeps none.
    seed : int, default 0

    Examples
    --------
    >>> design = antithetic(3, 9)
    >>> len(design), bool((design[:5] ^ design[5:]).all())
    (10, True)
    """
    kept = independent(segments, (samples + 1) // 2, seed)
    return np.concatenate([kept, ~kept])


SAMPLERS: dict[str, Callable[[int, int, int], Design]] = {
    "foldover": fixed_fold_over,
    "shuffled": fold_over,
    "antithetic": antithetic,
    "independent": independent,
}
