"""Every kind of pixel Pillow knows, to 8-bit RGB without losing or revealing anything.

Pillow's own ``convert("RGB")`` clips 16-bit grey to white and drops alpha, which shows the colours
that hide under transparent pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

from irbis.image.header import png_bits

__all__ = ["over_white", "to_rgb"]

_BITS, _PHOTOMETRIC, _WHITE_IS_ZERO = 258, 262, 0  # TIFF tags


def to_rgb(image: Image.Image, data: bytes) -> Image.Image:
    """Convert an opened picture of Pillow to mode RGB.

    Grey of more than 8 bits is scaled by its full range; where a range means nothing (32 bits,
    signed, float), the smallest value becomes black and the largest white. Transparent pixels are
    put on white. CMYK is converted without a colour profile.

    Parameters
    ----------
    image : PIL.ImageFile.ImageFile
    data : bytes
        The file, for what Pillow does not tell.
    """
    image.load()
    if image.mode.startswith(("I", "F")):
        return _deep_grey(image)
    if image.mode == "CMYK":
        # Pillow takes every CMYK JPEG for one of Adobe's, which are inverted.
        inverted = image.format == "JPEG" and "adobe" not in image.info
        return (ImageChops.invert(image) if inverted else image).convert("RGB")
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    if image.format == "PNG" and "transparency" in image.info:
        image.info["transparency"] = _colour_key(image, png_bits(data))
    if image.mode == "La":  # premultiplied: Pillow has no way from it but this
        image = image.convert("LA")
    found = image if image.mode == "RGBA" else image.convert("RGBA")
    if found.getchannel("A").getextrema() == (255, 255):
        return found.convert("RGB")
    white = Image.new("RGB", found.size, "white")
    white.paste(found, mask=found.getchannel("A"))
    return white


def _colour_key(image: Image.Image, bits: int) -> Any:
    """The transparent colour as Pillow's pixels have it; its own is on the file's scale."""
    key = image.info["transparency"]
    if image.mode == "L" and bits < 8:
        return key * 255 // (2**bits - 1)
    if image.mode == "RGB" and bits == 16:
        return tuple(part >> 8 for part in key)
    return key


def _deep_grey(image: Image.Image) -> Image.Image:
    values = np.asarray(image)
    tags = getattr(image, "tag_v2", {})
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG"):
        top = 2 ** tags.get(_BITS, (16,))[0] - 1
        scale = (np.arange(2**16) * 255 + top // 2) // top
        grey = scale.clip(0, 255).astype(np.uint8)[values]
    else:
        grey = _stretched(values)
    if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:  # Pillow heeds it up to 8 bits only
        grey = 255 - grey
    key = image.info.get("transparency")
    if key is not None:
        grey[values == key] = 255
    return Image.fromarray(grey).convert("RGB")


def _stretched(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Smallest to black, largest to white; what lies within 0 .. 1 is taken as it is."""
    good = np.isfinite(values)
    kept = values if good.all() else values[good]
    low, high = (float(kept.min()), float(kept.max())) if kept.size else (0.0, 1.0)
    if low >= 0.0 and high <= 1.0:
        low, high = 0.0, 1.0
    grey = np.zeros(values.shape, np.uint8)
    for at in range(len(values) if high > low else 0):  # a row at a time: float64 is eight bytes
        row = np.nan_to_num(values[at].astype(np.float64), nan=low, posinf=high, neginf=low)
        grey[at] = ((row - low) / (high - low) * 255.0).round()
    return grey


def over_white(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Put four-channel pixels, alpha last, on white.

    Examples
    --------
    >>> over_white(np.array([[[9, 9, 9, 0], [9, 9, 9, 255]]], np.uint8)).tolist()
    [[[255, 255, 255], [9, 9, 9]]]
    """
    alpha = pixels[..., 3:]
    if (alpha == 255).all():
        return pixels[..., :3]
    share = alpha.astype(np.uint16)
    mixed = pixels[..., :3] * share + 255 * (255 - share)
    return ((mixed + 127) // 255).astype(np.uint8)
