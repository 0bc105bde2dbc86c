"""The parts of a heat map: one thing is one hill, animals side by side are several."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

__all__ = ["parts_of"]

Mask = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float64]

_LEVELS = 16
# Head and body, or the halves of a face that fills the picture, are hills too. What is cut must
# stand side by side (pieces share at most this much of the narrower one's columns), in a part that
# covers at most this much of the picture.
_SHARED, _COVERS = 0.4, 0.5


def parts_of(heat: Values, chosen: Mask, dip: float | None, share: float) -> list[Mask]:
    """Connected parts of the chosen places, cut where a valley lies between hills.

    The level is raised from the lowest chosen place to the highest. Where a part falls into several
    of which two are hills of their own, side by side, the part is cut along the valley (a watershed),
    and so on.

    Parameters
    ----------
    heat : ndarray of float64, shape (rows, columns)
    chosen : ndarray of bool
    dip : float or None
        How deep a valley must be, as a share of the lower hill's height above the lowest chosen
        place; None: nothing is cut.
    share : float
        Area of a hill at the valley's level, as a share of the largest one's there.

    Returns
    -------
    list of ndarray of bool, largest first
    """
    from scipy.ndimage import label

    labels, count = label(chosen)
    found = [labels == at for at in range(1, count + 1)]
    if dip is not None:
        found = [piece for part in found for piece in _cut(heat, part, dip, share)]
    return sorted(found, key=lambda part: -int(part.sum()))


def _cut(heat: Values, part: Mask, dip: float, share: float) -> list[Mask]:
    from scipy.ndimage import label
    from skimage.segmentation import watershed

    if part.mean() > _COVERS:
        return [part]
    low, high = float(heat[part].min()), float(heat[part].max())
    for level in np.linspace(low, high, _LEVELS)[1:-1]:
        labels, count = label(part & (heat > level))
        if count < 2:
            continue
        places = np.arange(1, count + 1)
        areas = np.bincount(labels.ravel(), minlength=count + 1)[1:]
        tops = np.array([heat[labels == at].max() for at in places])
        hills = (tops - level >= dip * (tops - low)) & (areas >= share * areas.max())
        if hills.sum() < 2:
            continue
        seeds = np.zeros(labels.shape, dtype=np.int32)
        for number, at in enumerate(places[hills], start=1):
            seeds[labels == at] = number
        numbered = watershed(-heat, seeds, mask=part)
        pieces = [numbered == number for number in range(1, int(hills.sum()) + 1)]
        if _beside(pieces):
            return [one for piece in pieces for one in _cut(heat, piece, dip, share)]
    return [part]


def _beside(pieces: list[Mask]) -> bool:
    columns = [np.flatnonzero(piece.any(axis=0)) for piece in pieces]
    spans = sorted((int(c[0]), int(c[-1]) + 1) for c in columns)
    return all(
        min(a[1], b[1]) - b[0] <= _SHARED * min(a[1] - a[0], b[1] - b[0])
        for a, b in pairwise(spans)
    )
