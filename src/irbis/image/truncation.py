"""Whether a file that could not be decoded stops before its end, as a broken download does."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from irbis.image.header import jpeg_segments

__all__ = ["cut_short"]


def cut_short(data: bytes, form: str) -> bool:
    """Whether a file ends before its own structure says it does.

    Parameters
    ----------
    data : bytes
    form : str
        Its format, as :func:`irbis.image.header.recognise` told it.

    Examples
    --------
    >>> cut_short(b"RIFF" + (100).to_bytes(4, "little") + b"WEBP", "WEBP")
    True
    """
    try:
        return _CHECKS[form](data)
    except (struct.error, IndexError):  # the header itself is not all there
        return True


def _jpeg(data: bytes) -> bool:
    *_, (marker, at) = jpeg_segments(data)
    # From the first scan on 0xFF is escaped: an end marker is one. Without a scan: damaged, not cut.
    return marker == 0xFFDA and data.find(b"\xff\xd9", at) < 0


def _png(data: bytes) -> bool:
    at = 8
    while data[at + 4 : at + 8] != b"IEND":
        at += 12 + _number(data, at, ">I")
    return False


def _gif(data: bytes) -> bool:
    return not data.rstrip(b"\x00").endswith(b";")


def _webp(data: bytes) -> bool:
    return _number(data, 4, "<I") + 8 > len(data)


def _bmp(data: bytes) -> bool:
    return _number(data, 2, "<I") > len(data)


def _tiff(data: bytes) -> bool:
    order = "<" if data.startswith(b"II") else ">"
    if _number(data, 2, order + "H") != 42:  # BigTIFF: not worth another reader
        return False
    ifd = _number(data, 4, order + "I")
    starts: list[int] = []
    sizes: list[int] = []
    for entry in range(_number(data, ifd, order + "H")):
        at = ifd + 2 + 12 * entry
        tag, kind, count = struct.unpack_from(order + "HHI", data, at)
        if tag in (273, 324):
            starts = list(_values(data, at + 8, order, kind, count))
        elif tag in (279, 325):
            sizes = list(_values(data, at + 8, order, kind, count))
    return any(start + size > len(data) for start, size in zip(starts, sizes, strict=False))


def _values(data: bytes, at: int, order: str, kind: int, count: int) -> Iterator[int]:
    letter = "H" if kind == 3 else "I"
    each = struct.calcsize(letter)
    if each * count > 4:
        at = _number(data, at, order + "I")
    for i in range(count):
        yield _number(data, at + each * i, order + letter)


def _number(data: bytes, at: int, form: str) -> int:
    return int(struct.unpack_from(form, data, at)[0])


_CHECKS: dict[str, Callable[[bytes], bool]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "GIF": _gif,
    "WEBP": _webp,
    "BMP": _bmp,
    "TIFF": _tiff,
}
