"""Where in a picture the animal is: masks as pictures, heat maps of localizers, explanations."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from PIL import Image

from irbis.explain.explanation import Explanation
from irbis.image.codec import MAX_PIXELS, Picture, PictureError, pictures
from irbis.image.picture import packed
from irbis.schema import is_picture

__all__ = ["Mask", "inside", "is_mask", "masks"]

#: A picture that is bright (128 and more) where the animal is; or a map, float32 of two axes, that is
#: above 0 there. Of any size: it is laid over the whole picture.
Mask = Picture | npt.NDArray[np.float32]

_HEAT = frozenset({"height", "width", "values"})
_EXPLANATION = frozenset({"classes", "weights", "mapHeight", "mapWidth", "map"})


def is_mask(type_: pa.DataType) -> bool:
    """Whether a column of this type can be read as masks.

    Examples
    --------
    >>> is_mask(pa.binary()), is_mask(pa.list_(pa.float32()))
    (True, False)
    """
    return is_picture(type_) or _names(type_) >= _HEAT or _names(type_) >= _EXPLANATION


def masks(column: pa.Array, *, max_pixels: int = MAX_PIXELS) -> Iterator[Mask | PictureError]:
    """Read a column of masks row by row.

    Parameters
    ----------
    column : pa.Array
        Pictures, bright where the animal is; heat maps of a localizer, above 0 there; or explanations
        of :class:`irbis.ImageLIME` and :class:`irbis.ImageSHAP`, whose superpixels that speak for
        their first class are the animal.
    max_pixels : int
        Pixels a picture's file may announce.

    Yields
    ------
    Mask, or the PictureError of that row (kind "null" where there is none)
    """
    if is_picture(column.type):
        yield from pictures(column, max_pixels=max_pixels)
        return
    read = _heat if _names(column.type) >= _HEAT else _weights
    for item in column:
        row = item.as_py()
        if row is None:
            yield PictureError("null", "no mask")
            continue
        try:
            yield read(row)
        except (TypeError, ValueError, IndexError, zlib.error) as error:
            yield PictureError("mask", f"not a map of the picture: {error}")


def inside(
    mask: Mask, whole: tuple[int, int], box: tuple[int, int, int, int], size: tuple[int, int]
) -> npt.NDArray[np.bool_]:
    """Cut a box out of a mask and resize it.

    Parameters
    ----------
    mask : Mask
    whole, size : (int, int)
        Width and height of the picture that it is laid over, and of the result.
    box : (left, top, right, bottom)

    Returns
    -------
    ndarray of bool, shape (height, width) of `size`
    """
    nearest, flat = Image.Resampling.NEAREST, mask.ndim == 2
    if flat:
        image = Image.fromarray(mask)
    else:
        image = Image.fromarray(packed(mask.astype(np.uint8, copy=False))).convert("L")
    if image.size != whole:
        # Between the places of a map, heat is in between.
        image = image.resize(whole, Image.Resampling.BILINEAR if flat else nearest)
    cropped = np.asarray(image.crop(box).resize(size, nearest))
    return np.asarray(cropped > 0 if flat else cropped >= 128)


def _names(type_: pa.DataType) -> frozenset[str]:
    return frozenset(f.name for f in type_.fields) if pa.types.is_struct(type_) else frozenset()


def _heat(row: dict[str, Any]) -> npt.NDArray[np.float32]:
    found = np.asarray(row["values"], np.float32).reshape(row["height"], row["width"])
    if not found.size:
        raise ValueError("it has no places")
    return np.ascontiguousarray(found)


def _weights(row: dict[str, Any]) -> Picture:
    explanation = Explanation.from_row(row)
    speaks = (explanation.weights[0] > 0)[explanation.segments]
    if not speaks.size:
        raise ValueError("it has no places")
    return np.repeat(speaks.astype(np.uint8)[:, :, None] * np.uint8(255), 3, axis=2)
