"""What the first bytes of a file say, before any decoder sees it: its format and its size."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from irbis.image.picture import PictureError

__all__ = [
    "FORMATS",
    "announced_size",
    "essential_png",
    "jpeg_scans",
    "jpeg_segments",
    "png_bits",
    "recognise",
]

#: The formats that irbis promises to read. Decoders of all others never run.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")

_FRAMES = set(range(0xFFC0, 0xFFD0)) - {0xFFC4, 0xFFC8, 0xFFCC}
_PROGRESSIVE = {0xFFC2, 0xFFC6, 0xFFCA, 0xFFCE}
_BMP_HEADERS = {12, 40, 52, 56, 64, 108, 124}
# Files that people take for pictures, or get instead of one: named, so that an error row helps.
_OTHERS = (
    (0, b"%PDF", "PDF"),
    (0, b"%!PS", "PostScript"),
    (0, b"\xc5\xd0\xd3\xc6", "EPS"),
    (0, b"8BPS", "Photoshop"),
    (0, b"\xd7\xcd\xc6\x9a", "WMF"),
    (0, b"\x00\x00\x01\x00", "ICO"),
    (0, b"\x00\x00\x00\x0cjP", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"\x00\x00\x00\x0cJXL", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (4, b"ftypavif", "AVIF"),
    (4, b"ftyphei", "HEIF"),
    (4, b"ftypmif1", "HEIF"),
    (4, b"ftyp", "a video (MP4 or like it)"),
    (8, b"AVI ", "a video (AVI)"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
)


def recognise(data: bytes) -> str:
    """Tell a file's format by its magic bytes.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    str
        One of FORMATS.

    Raises
    ------
    PictureError
        kind "empty" for no bytes, "format" for a known format that is not among FORMATS, "decode"
        for bytes that are nothing we know.

    Examples
    --------
    >>> recognise(b"GIF89a...")
    'GIF'
    """
    if not data:
        raise PictureError("empty", "no bytes")
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BMP_HEADERS:
        return "BMP"
    if data.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return "TIFF"
    other = _other(data)
    if other is None:
        raise PictureError("decode", "not a picture that can be read")
    raise PictureError("format", f"{other}: not one of {', '.join(FORMATS)}")


def _other(data: bytes) -> str | None:
    for at, magic, name in _OTHERS:
        if data[at : at + len(magic)] == magic:
            return name
    start = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "HTML"
    if start.startswith(b"<"):
        return "SVG" if b"<svg" in start else "XML"
    return None


def announced_size(data: bytes, form: str) -> tuple[int, int] | None:
    """Size of a GIF or a WebP, whose decoders reserve memory as soon as they are opened.

    Returns
    -------
    (width, height) in pixels, or None
        None for the other formats, and where the header is damaged.
    """
    try:
        if form == "GIF":
            return _gif_size(data)
        return _webp_size(data) if form == "WEBP" else None
    except (struct.error, IndexError):
        return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X":
        low, high, low2, high2 = struct.unpack_from("<HBHB", data, 24)
        return (low | high << 16) + 1, (low2 | high2 << 16) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def _gif_size(data: bytes) -> tuple[int, int]:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + (3 << (flags & 7) + 1 if flags & 128 else 0)
    while data[at] != 0x2C:  # up to the first frame, which may be larger than the screen
        if data[at] == 0x21:
            at += 2
            while data[at]:
                at += data[at] + 1
        at += 1
    left, top, wide, high = struct.unpack_from("<HHHH", data, at + 1)
    return max(width, left + wide), max(height, top + high)


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Walk a JPEG's segments up to its first scan, or its end.

    Yields
    ------
    (marker, position)

    Raises
    ------
    struct.error
        Where the file ends within them.
    """
    at = 2
    while True:
        (marker,) = struct.unpack_from(">H", data, at)
        if marker == 0xFFFF:  # padding
            at += 1
            continue
        yield marker, at
        if marker in {0xFFD9, 0xFFDA} or marker >> 8 != 0xFF:
            return
        alone = 0xFFD0 <= marker <= 0xFFD8
        at += 2 if alone else 2 + struct.unpack_from(">H", data, at + 2)[0]


def jpeg_scans(data: bytes) -> int:
    """Count the scans of a JPEG, which its decoder runs one after the other over all pixels."""
    progressive, parts = False, 0
    try:
        for marker, at in jpeg_segments(data):
            if marker in _FRAMES:
                progressive, parts = marker in _PROGRESSIVE, data[at + 9]
            elif marker == 0xFFDA and not progressive and data[at + 4] == parts:
                return 1  # all channels in one scan: the decoder looks no further
    except (struct.error, IndexError):
        return 0
    # In a scan 0xFF is escaped, so both are markers.
    end = data.find(b"\xff\xd9", at)
    return data.count(b"\xff\xda", at, len(data) if end < 0 else end)


def png_bits(data: bytes) -> int:
    """Bits a channel of a PNG."""
    return data[24]


def essential_png(data: bytes) -> bytes:
    """Leave out all of a PNG that holds no pixels: texts, profiles, frames of an animation."""
    kept, at = [data[:8]], 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, chunk = data[at + 4 : at + 8], data[at : at + 12 + length]
        sound = zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:], "big")
        if kind in {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"} or (kind == b"eXIf" and sound):
            kept.append(chunk)
        at += 12 + length
    return b"".join(kept)
