"""Encoded pictures to RGB arrays: any bytes give a picture, or a PictureError, and nothing else."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image, ImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from irbis.image.colour import to_rgb
from irbis.image.header import announced_size, essential_png, jpeg_scans, recognise
from irbis.image.picture import Picture, PictureError
from irbis.image.still import still
from irbis.image.truncation import cut_short

__all__ = ["MAX_PIXELS", "MAX_SCANS", "READERS", "decode", "upright_size"]

#: Pixels a picture may have, by its header; more is a row of kind "too_large". A hundred megapixels
#: take about a gigabyte while they are decoded.
MAX_PIXELS = 100_000_000
#: Passes over a progressive JPEG; a file of a megabyte can ask for thousands, each over all pixels.
MAX_SCANS = 100

# Opened by class, not by Image.open: no other decoder ever sees the bytes (EPS would start
# Ghostscript), and Pillow's own limit, which is the user's, has no say.
READERS: dict[str, type[ImageFile.ImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WEBP": WebPImageFile,
    "GIF": GifImageFile,
    "BMP": BmpImageFile,
    "TIFF": TiffImageFile,
}
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING = {_TURNS[i] for i in (5, 6, 7, 8)}
_TILE = (322, 323)  # width and height, TIFF


def decode(
    data: bytes | memoryview,
    at_least: tuple[int, int] | None = None,
    *,
    max_pixels: int = MAX_PIXELS,
    exactly: bool = False,
) -> Picture:
    """Decode an encoded picture, upright as its EXIF orientation says.

    The result depends on the arguments alone, whatever is set in Pillow.

    Parameters
    ----------
    data : bytes-like
        JPEG, PNG, WebP, GIF, BMP or TIFF; the first picture of several.
    at_least : (width, height) in pixels, optional
        All that is needed of the upright picture. A JPEG is then decoded to a half, a quarter or
        an eighth of its size, whichever is the smallest with both sides at least that: faster,
        and nearly what a full decode resized to the same would be. Other formats ignore it.
    max_pixels : int, default MAX_PIXELS
        Pixels the header may announce.
    exactly : bool, default False
        Resize the upright picture to just `at_least`, aspect not kept, bilinear with antialiasing:
        what :func:`irbis.image.pixels.resized` does, with one copy less.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        RGB. Transparent pixels are on white, deep grey is scaled, CMYK and palettes are resolved;
        colour profiles are ignored.

    Raises
    ------
    PictureError
        kind "empty", "format", "decode", "truncated" or "too_large"; docs/pictures.md says which
        is for what.

    Examples
    --------
    >>> from irbis.image.codec import encode
    >>> photo = encode(np.zeros((300, 400, 3), np.uint8))
    >>> decode(photo).shape, decode(photo, at_least=(90, 60)).shape
    ((300, 400, 3), (75, 100, 3))
    """
    data = bytes(data)
    form = recognise(data)
    _check_pixels(announced_size(data, form), max_pixels)
    if form == "JPEG" and jpeg_scans(data) > MAX_SCANS:
        raise PictureError("too_large", f"a JPEG of more than {MAX_SCANS} scans")
    with still(max_pixels):
        try:
            return _pixels(
                _decoded(data, form, at_least, max_pixels), at_least if exactly else None
            )
        except PictureError:
            raise
        except MemoryError:
            raise PictureError("too_large", "not enough memory to decode it") from None
        except Exception as error:  # Pillow's decoders raise almost anything on damaged bytes
            if "truncated" in str(error).lower() or cut_short(data, form):
                message = f"{form}: the file ends before the picture does"
                raise PictureError("truncated", message) from None
            told = f"unknown value {error}" if isinstance(error, KeyError) else str(error)
            raise PictureError("decode", f"{form}: {told or 'damaged'}") from None


def upright_size(data: bytes, *, max_pixels: int = MAX_PIXELS) -> tuple[int, int]:
    """Width and height that the header announces, turned as the orientation says; no pixel is read.

    Raises
    ------
    PictureError
        As :func:`decode`, as far as a header shows it.

    Examples
    --------
    >>> from irbis.image.codec import encode
    >>> upright_size(encode(np.zeros((30, 40, 3), np.uint8)))
    (40, 30)
    """
    form = recognise(data)
    _check_pixels(announced_size(data, form), max_pixels)
    image: Any
    with still(max_pixels):
        try:
            with READERS[form](io.BytesIO(data)) as image:
                size: tuple[int, int] = image.size
                lying = _turn(image) in _LYING
        except Exception as error:  # Pillow's decoders raise almost anything on damaged bytes
            raise PictureError("decode", f"{form}: {error}") from None
    _check_pixels(size, max_pixels)
    return size[::-1] if lying else size


def _pixels(image: Image.Image, size: tuple[int, int] | None) -> Picture:
    if size is not None and image.size != size:
        image = image.resize(size, Image.Resampling.BILINEAR)
    return np.asarray(image)


def _decoded(
    data: bytes, form: str, at_least: tuple[int, int] | None, max_pixels: int
) -> Image.Image:
    if form == "PNG":
        try:
            return _read(data, form, at_least, max_pixels)
        except PictureError:
            raise
        except (
            Exception
        ):  # a text too long, a broken profile: what is no pixel is no reason to fail
            data = essential_png(data)
    return _read(data, form, at_least, max_pixels)


def _read(data: bytes, form: str, at_least: tuple[int, int] | None, max_pixels: int) -> Image.Image:
    image: Any
    with READERS[form](io.BytesIO(data)) as image:
        _check_pixels(image.size, max_pixels)
        if form == "TIFF":  # a tile is decoded whole, however small the picture
            _check_pixels(
                (image.tag_v2.get(_TILE[0], 1), image.tag_v2.get(_TILE[1], 1)), max_pixels
            )
        draft = None
        if form == "JPEG" and at_least is not None:
            lying = _turn(image) in _LYING
            draft = image.draft(None, at_least[::-1] if lying else at_least)
        found = to_rgb(image, data)
        if draft is not None and draft[1][2:] != found.size:
            # The last row and column reach over the picture's edge: without this it would shrink.
            found = found.resize(found.size, Image.Resampling.BICUBIC, box=draft[1])
        turn = _turn(image)  # not before: Pillow turns a TIFF itself, as it loads
        return found if turn is None else found.transpose(turn)


def _turn(image: Any) -> Image.Transpose | None:
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION))
    except Exception:  # damaged metadata is no damaged picture
        return None


def _check_pixels(size: tuple[int, int] | None, max_pixels: int) -> None:
    if size is not None and size[0] * size[1] > max_pixels:
        raise PictureError(
            "too_large", f"{size[0]} x {size[1]} pixels, the limit is {max_pixels} in all"
        )
