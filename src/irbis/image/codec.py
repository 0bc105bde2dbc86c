"""Pictures in a column, encoded or decoded, to RGB arrays and back."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from PIL import Image

from irbis.image.colour import over_white
from irbis.image.decoding import MAX_PIXELS, decode
from irbis.image.picture import Picture, PictureError, copy_channels
from irbis.schema import IMAGE, is_image

__all__ = [
    "MAX_PIXELS",
    "Picture",
    "PictureError",
    "decode",
    "encode",
    "pictures",
    "to_images",
]

# OpenCV's type codes, which Spark's ImageSchema uses: 8 bit unsigned with 1, 3 or 4 channels.
_MODES = {1: 0, 3: 16, 4: 24}


def encode(picture: Picture, quality: int = 90, *, form: Literal["JPEG", "PNG"] = "JPEG") -> bytes:
    """Encode an RGB array.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width, 3)
    quality : int, 1 to 95, default 90
        Of a JPEG.
    form : "JPEG" or "PNG", default "JPEG"
        PNG keeps every pixel as it is.

    Examples
    --------
    >>> decode(encode(np.zeros((2, 3, 3), np.uint8), form="PNG")).shape
    (2, 3, 3)
    """
    out = io.BytesIO()
    options = {"quality": quality} if form == "JPEG" else {}
    Image.fromarray(picture).save(out, form, **options)
    return out.getvalue()


def pictures(
    column: pa.Array,
    at_least: tuple[int, int] | None = None,
    *,
    max_pixels: int = MAX_PIXELS,
    exactly: bool = False,
) -> Iterator[Picture | PictureError]:
    """Decode a column row by row: one picture is in memory at a time.

    Parameters
    ----------
    column : pa.Array
        binary (encoded) or Spark's image struct.
    at_least, max_pixels, exactly
        See :func:`irbis.image.decoding.decode`; they have no say over structs, which are decoded.

    Yields
    ------
    Picture, or the PictureError of that row (kind "null" where there is no picture)
    """
    if is_image(column.type):
        return _structs(column)
    return _encoded(column, at_least, max_pixels, exactly)


def _encoded(
    column: pa.Array, at_least: tuple[int, int] | None, max_pixels: int, exactly: bool
) -> Iterator[Picture | PictureError]:
    for item in column:
        try:
            if not item.is_valid:
                raise PictureError("null", "no picture")
            yield decode(item.as_buffer(), at_least, max_pixels=max_pixels, exactly=exactly)
        except PictureError as error:
            yield error


def _structs(column: pa.Array) -> Iterator[Picture | PictureError]:
    fields = [column.field(n) for n in ("height", "width", "nChannels", "data")]
    for row, valid in enumerate(column.is_valid().to_pylist()):
        try:
            if not valid:
                raise PictureError("null", "no picture")
            height, width, channels, data = (f[row] for f in fields)
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
    return (pixels if channels == 3 else over_white(pixels))[:, :, ::-1]  # BGR to RGB, a view


def to_images(found: Sequence[Picture | None], origins: Sequence[str | None]) -> pa.Array:
    """Build a column of Spark's image struct, each pixel copied once.

    Parameters
    ----------
    found : sequence of Picture or None
        RGB, or grey of shape (height, width, 1).
    origins : sequence of str or None
        Where each came from, kept in the struct.
    """
    sizes = [0 if picture is None else picture.size for picture in found]
    ends = np.cumsum([0, *sizes])
    pixels = np.empty(ends[-1], np.uint8)
    for picture, start, end in zip(found, ends[:-1], ends[1:], strict=True):
        if picture is not None:
            copy_channels(picture[:, :, ::-1], pixels[start:end].reshape(picture.shape))
    shapes = np.array([(0, 0, 0) if p is None else p.shape for p in found], np.int32).reshape(-1, 3)
    modes = np.array([_MODES.get(c, 0) for c in shapes[:, 2]], np.int32)
    offsets = pa.py_buffer(_narrow(ends))
    data = pa.Array.from_buffers(pa.binary(), len(found), [None, offsets, pa.py_buffer(pixels)])
    numbers = [pa.array(values) for values in (*shapes.T, modes)]
    return pa.StructArray.from_arrays(
        [pa.array(origins, pa.string()), *numbers, data],
        fields=list(IMAGE.fields),
        mask=pa.array([picture is None for picture in found], pa.bool_()),
    )


def _narrow(ends: Any) -> Any:
    if ends[-1] >= 2**31:
        raise PictureError("too_large", f"{ends[-1]} bytes of pixels in one batch, at most 2 GiB")
    return ends.astype(np.int32)
