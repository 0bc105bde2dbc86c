"""Pictures in a column, encoded or decoded, to RGB arrays and back."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from PIL import Image, ImageOps, UnidentifiedImageError

from irbis.schema import IMAGE, is_image

__all__ = ["Picture", "PictureError", "decode", "encode", "pictures", "to_images"]

Picture = npt.NDArray[np.uint8]  # (height, width, 3), RGB, upright

# OpenCV's type codes, which Spark's ImageSchema uses: 8 bit unsigned with 1, 3 or 4 channels.
_MODES = {1: 0, 3: 16, 4: 24}


class PictureError(ValueError):
    """What is wrong with one picture; becomes the row's error."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def decode(data: bytes | memoryview) -> Picture:
    """Decode an encoded picture, EXIF orientation applied.

    Parameters
    ----------
    data : bytes-like
        JPEG, PNG or whatever else Pillow reads; the first frame of several.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        RGB.

    Raises
    ------
    PictureError
        kind "decode" for bytes that are no whole picture, "too_large" for a decompression bomb
        (Pillow's limit, ``PIL.Image.MAX_IMAGE_PIXELS``).
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as opened:
                upright = ImageOps.exif_transpose(opened)
                return np.asarray(upright.convert("RGB"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError("too_large", str(error)) from None
    except Exception as error:  # Pillow's decoders raise almost anything on damaged bytes
        message = str(error) if not isinstance(error, UnidentifiedImageError) else ""
        raise PictureError("decode", message or "not a picture that can be read") from None


def encode(picture: Picture, quality: int = 90) -> bytes:
    """Encode an RGB array as JPEG.

    Examples
    --------
    >>> decode(encode(np.zeros((2, 3, 3), np.uint8))).shape
    (2, 3, 3)
    """
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=quality)
    return out.getvalue()


def pictures(column: pa.Array) -> Iterator[Picture | PictureError]:
    """Decode a column row by row: one picture is in memory at a time.

    Parameters
    ----------
    column : pa.Array
        binary (encoded) or Spark's image struct.

    Yields
    ------
    Picture, or the PictureError of that row (kind "null" where there is no picture)
    """
    read = _structs(column) if is_image(column.type) else _encoded(column)
    while True:
        try:
            yield next(read)
        except StopIteration:
            return


def _encoded(column: pa.Array) -> Iterator[Picture | PictureError]:
    for item in column:
        if not item.is_valid:
            yield PictureError("null", "no picture")
            continue
        try:
            yield decode(item.as_buffer())
        except PictureError as error:
            yield error


def _structs(column: pa.Array) -> Iterator[Picture | PictureError]:
    fields = [column.field(n) for n in ("height", "width", "nChannels", "data")]
    for row, valid in enumerate(column.is_valid().to_pylist()):
        if not valid:
            yield PictureError("null", "no picture")
            continue
        height, width, channels, data = (f[row] for f in fields)
        try:
            yield _from_struct(height.as_py(), width.as_py(), channels.as_py(), data)
        except PictureError as error:
            yield error


def _from_struct(height: Any, width: Any, channels: Any, data: pa.Scalar) -> Picture:
    if not data.is_valid or channels not in _MODES or not height or not width:
        raise PictureError("decode", f"image struct of {height}x{width}x{channels} without pixels")
    buffer = data.as_buffer()
    if height < 0 or width < 0 or buffer.size != height * width * channels:
        raise PictureError(
            "decode", f"image struct of {height}x{width}x{channels} holds {buffer.size} bytes"
        )
    pixels = np.frombuffer(buffer, np.uint8).reshape(height, width, channels)
    if channels == 1:
        return np.repeat(pixels, 3, axis=2)
    return pixels[:, :, 2::-1]  # BGR or BGRA to RGB, a view


def to_images(found: list[Picture | None], origins: list[str | None]) -> pa.Array:
    """Build a column of Spark's image struct.

    Parameters
    ----------
    found : list of Picture or None
    origins : list of str or None
        Where each came from, kept in the struct.
    """
    rows = [
        None
        if picture is None
        else {
            "origin": origin,
            "height": picture.shape[0],
            "width": picture.shape[1],
            "nChannels": 3,
            "mode": _MODES[3],
            "data": np.ascontiguousarray(picture[:, :, ::-1]).tobytes(),
        }
        for picture, origin in zip(found, origins, strict=True)
    ]
    return pa.array(rows, type=IMAGE)
