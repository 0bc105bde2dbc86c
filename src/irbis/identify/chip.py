"""Chips: what lies in the animal's box, grey, and of one size whatever the picture's was."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from irbis.identify.masks import Mask, inside
from irbis.image.picture import Picture, PictureError, packed

__all__ = ["SMALLEST", "Chip", "box_of", "cut", "pixels"]

#: Shortest side of a box that can be told from noise, pixels.
SMALLEST = 16
_LONGEST = 4  # how many times the normal side a chip may be long: a hair-thin box stays affordable


@dataclass(frozen=True)
class Chip:
    """A normalised crop.

    Parameters
    ----------
    grey : ndarray of uint8, shape (height, width)
    mask : ndarray of bool, shape (height, width), or None
        Where the animal is; None: everywhere.
    left, top : float
        Corner of the crop in the picture, pixels.
    scale_x, scale_y : float
        Pixels of the chip for one of the picture.
    """

    grey: npt.NDArray[np.uint8]
    mask: npt.NDArray[np.bool_] | None
    left: float
    top: float
    scale_x: float
    scale_y: float


def box_of(value: Any) -> tuple[float, float, float, float] | None:
    """Corners of a box, or of the best scored one of a list; None if there is none.

    Parameters
    ----------
    value : dict, list of dict or None
        Rows of :data:`irbis.schema.BOX` or of :data:`irbis.schema.DETECTIONS`.

    Examples
    --------
    >>> a = {"xmin": 0, "ymin": 1, "xmax": 2, "ymax": 3, "label": "x", "score": 0.5}
    >>> box_of([a, {**a, "xmax": 9, "score": 0.9}]), box_of([])
    ((0.0, 1.0, 9.0, 3.0), None)
    """
    if isinstance(value, list):
        boxes = [b for b in value if b is not None]
        value = max(boxes, key=lambda b: b["score"] or 0.0, default=None)
    if value is None:
        return None
    corners = [value[n] for n in ("xmin", "ymin", "xmax", "ymax")]
    if any(c is None or not math.isfinite(c) for c in corners):
        return None
    return (float(corners[0]), float(corners[1]), float(corners[2]), float(corners[3]))


def cut(
    picture: Picture,
    box: tuple[float, float, float, float] | None,
    side: int,
    mask: Mask | None = None,
) -> Chip:
    """Cut a chip.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width, 3)
    box : (xmin, ymin, xmax, ymax) or None
        Pixels, clipped to the picture; None: the whole picture.
    side : int
        Pixels: the chip has ``side * side`` of them, and the aspect of the box.
    mask : Mask or None
        Laid over `picture`; see :data:`irbis.identify.masks.Mask`.

    Raises
    ------
    PictureError
        Of kind "too_small", if a side of the box inside the picture is below 16 pixels.

    Examples
    --------
    >>> cut(np.zeros((100, 100, 3), np.uint8), (0, 0, 80, 20), 40).grey.shape
    (20, 80)
    """
    corners = left, top, right, bottom = _corners(picture, box)
    wide, high = right - left, bottom - top
    scale = min(side / math.sqrt(wide * high), _LONGEST * side / max(wide, high))
    size = (max(1, round(wide * scale)), max(1, round(high * scale)))
    # Cropped before it is resized: a resampling filter would otherwise see over the border.
    crop = Image.fromarray(packed(picture[top:bottom, left:right])).convert("L")
    grey = np.asarray(crop.resize(size, Image.Resampling.BILINEAR))
    whole = (picture.shape[1], picture.shape[0])
    shown = None if mask is None else inside(mask, whole, corners, size)
    return Chip(grey, shown, float(left), float(top), size[0] / wide, size[1] / high)


def pixels(
    picture: Picture, box: tuple[float, float, float, float] | None, mask: Mask | None = None
) -> Picture:
    """Cut a chip in colour and as it is, black where the animal is not: what a network looks at.

    Raises
    ------
    PictureError
        As :func:`cut` does.

    Examples
    --------
    >>> pixels(np.ones((100, 100, 3), np.uint8), (0, 0, 80, 20)).shape
    (20, 80, 3)
    """
    corners = left, top, right, bottom = _corners(picture, box)
    crop = packed(picture[top:bottom, left:right])
    if mask is None:
        return crop
    size = (right - left, bottom - top)
    shown = inside(mask, (picture.shape[1], picture.shape[0]), corners, size)
    return np.asarray(np.where(shown[:, :, None], crop, np.uint8(0)))


def _corners(
    picture: Picture, box: tuple[float, float, float, float] | None
) -> tuple[int, int, int, int]:
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = (0.0, 0.0, float(width), float(height)) if box is None else box
    left, top = max(0, round(x0)), max(0, round(y0))
    right, bottom = min(width, round(x1)), min(height, round(y1))
    wide, high = right - left, bottom - top
    if min(wide, high) < SMALLEST:
        raise PictureError(
            "too_small", f"{max(wide, 0)}x{max(high, 0)} pixels of animal, at least {SMALLEST}"
        )
    return left, top, right, bottom
