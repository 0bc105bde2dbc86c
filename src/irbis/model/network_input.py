"""A picture at the size a network takes: the whole of it, or as its authors cropped it."""

from __future__ import annotations

import numpy as np
from PIL import Image

from irbis.image.codec import Picture

__all__ = ["published"]


def published(
    picture: Picture, resize_to: tuple[int, ...], resample: str, height: int, width: int
) -> Picture:
    """Resize, then take the centre: the preprocessing that a network was published with.

    Parameters
    ----------
    picture : ndarray of uint8, shape (any, any, 3)
    resize_to : tuple of int
        ``(short,)``: the short side becomes that long, aspect kept. ``(height, width)``: both are
        set, aspect not kept.
    resample : str
        Pillow's filter, in lower case.
    height, width : int
        Of the result. Where the resized picture is smaller there is a black border, as
        transformers' processors make it.

    Examples
    --------
    >>> published(np.zeros((30, 60, 3), np.uint8), (16,), "bicubic", 14, 14).shape
    (14, 14, 3)
    """
    tall, wide = picture.shape[:2]
    if len(resize_to) == 2:
        tall, wide = resize_to
    else:
        short = resize_to[0]
        tall, wide = (
            (int(short * tall / wide), short) if wide <= tall else (short, int(short * wide / tall))
        )
    image = Image.fromarray(np.ascontiguousarray(picture))
    # Pillow's own short cut for equal sizes gives the same pixels.
    resized = np.asarray(image.resize((wide, tall), Image.Resampling[resample.upper()]))
    return _centre(_centre(resized, 0, height), 1, width)


def _centre(picture: Picture, axis: int, size: int) -> Picture:
    found = picture.shape[axis]
    if found >= size:
        start = (found - size) // 2
        return picture.take(range(start, start + size), axis=axis)
    border = [(0, 0)] * picture.ndim
    before = -((found - size) // 2)  # rounded up
    border[axis] = (before, size - found - before)
    return np.pad(picture, border)
