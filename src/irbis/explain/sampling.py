"""Which superpixels to keep in which perturbation: a balanced fold-over Hadamard design.

Each superpixel is kept in exactly half of the perturbations, any two of them together in exactly a
quarter, and every perturbation comes with its complement, so main effects are estimated free of
pair interactions (a resolution IV design: Box & Hunter, 1961; Plackett & Burman, 1946).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["fold_over"]


def fold_over(segments: int, samples: int, seed: int = 0) -> npt.NDArray[np.bool_]:
    """Make the design.

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
    h = np.ones((1, 1), dtype=np.int8)
    while len(h) < order:
        h = np.block([[h, h], [h, -h]])
    columns = np.random.default_rng(seed).permutation(np.arange(1, order))[:segments]
    kept = h[:, columns] > 0
    return np.concatenate([kept, ~kept])
