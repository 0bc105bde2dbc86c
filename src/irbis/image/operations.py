"""What ImageTransformer can do to a picture, one small pure function each.

A picture is uint8 of shape (height, width, channels): 3 channels RGB, or 1 grey. Filters mirror the
picture at its edge without repeating the edge itself, as OpenCV does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from irbis.image.picture import Picture, PictureError, packed
from irbis.image.pixels import resized

__all__ = [
    "blur",
    "center_crop",
    "color_format",
    "crop",
    "flip",
    "gaussian_kernel",
    "grey",
    "normalize",
    "resize",
    "resize_shorter",
    "threshold",
]

_EDGE = "mirror"  # scipy's name for OpenCV's BORDER_REFLECT_101


def resize(picture: Picture, height: int, width: int) -> Picture:
    """Resize to exactly that, bilinear with antialiasing."""
    return resized(picture, width, height)


def resize_shorter(picture: Picture, size: int, max_pixels: int) -> Picture:
    """Resize the shorter side to `size` and keep the aspect.

    Raises
    ------
    PictureError
        kind "too_large" if the longer side comes out so long that there are over `max_pixels`.
    """
    height, width = picture.shape[:2]
    shorter = min(height, width)
    high, wide = (max(size, round(side * size / shorter)) for side in (height, width))
    if high * wide > max_pixels:
        raise PictureError(
            "too_large", f"{width} x {height} resized to {wide} x {high}, limit {max_pixels} pixels"
        )
    return resized(picture, wide, high)


def crop(picture: Picture, x: int, y: int, height: int, width: int) -> Picture:
    """Cut out a rectangle; a view.

    Raises
    ------
    PictureError
        kind "crop" if it reaches outside the picture.
    """
    high, wide = picture.shape[:2]
    if y + height > high or x + width > wide:
        raise PictureError(
            "crop", f"{width} x {height} at ({x}, {y}) reaches outside a picture of {wide} x {high}"
        )
    return picture[y : y + height, x : x + width]


def center_crop(picture: Picture, height: int, width: int) -> Picture:
    """Cut a rectangle out of the middle; a view. Raises what :func:`crop` raises."""
    high, wide = picture.shape[:2]
    return crop(picture, max(0, wide - width) // 2, max(0, high - height) // 2, height, width)


def color_format(picture: Picture, format: str) -> Picture:  # noqa: A002 - the chain's word
    """Go to one channel ("grey") or to three; their order is the writer's business."""
    if format == "grey":
        return grey(picture)
    return np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture


def grey(picture: Picture) -> Picture:
    """Reduce to one channel, ITU-R 601 luma."""
    if picture.shape[2] == 1:
        return picture
    return np.asarray(Image.fromarray(packed(picture)).convert("L"))[:, :, None]


def blur(picture: Picture, height: int, width: int) -> Picture:
    """Mean over a box; one of even size reaches further up and left."""
    from scipy.ndimage import uniform_filter

    mean = uniform_filter(picture.astype(np.float32), size=(height, width, 1), mode=_EDGE)
    return _whole(mean)


def gaussian_kernel(picture: Picture, apertureSize: int, sigma: float) -> Picture:
    """Gaussian blur by a kernel of that many pixels each way, `sigma` pixels wide."""
    from scipy.ndimage import correlate1d

    at = np.arange(apertureSize) - (apertureSize - 1) / 2
    weights = np.exp(-((at / sigma) ** 2) / 2)
    weights /= weights.sum()
    once = correlate1d(picture.astype(np.float32), weights, axis=0, mode=_EDGE)
    return _whole(correlate1d(once, weights, axis=1, mode=_EDGE))


def threshold(picture: Picture, threshold: float, maxVal: float, thresholdType: str) -> Picture:
    """Compare each value of each channel with a level, as OpenCV's function of that name does."""
    above = picture > threshold
    high, low = np.uint8(round(maxVal)), np.uint8(0)
    if thresholdType == "binary":
        return np.where(above, high, low)
    if thresholdType == "binary_inv":
        return np.where(above, low, high)
    if thresholdType == "trunc":
        return np.where(above, np.uint8(min(max(int(threshold), 0), 255)), picture)
    return np.where(above if thresholdType == "zero" else ~above, picture, low)


def flip(picture: Picture, flipCode: int) -> Picture:
    """Mirror: 0 upside down, 1 left to right, -1 both; a view."""
    return np.flip(picture, axis=((0,), (1,), (0, 1))[flipCode])


def normalize(
    picture: Picture, mean: Sequence[float], std: Sequence[float], factor: float
) -> npt.NDArray[np.float32]:
    """(value * factor - mean) / std, for each channel."""
    scaled = picture.astype(np.float32) * np.float32(factor)
    scaled -= np.asarray(mean, np.float32)
    scaled /= np.asarray(std, np.float32)
    return scaled


def _whole(values: npt.NDArray[np.float32]) -> Picture:
    return values.round().astype(np.uint8)
