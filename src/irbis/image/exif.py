"""What a camera wrote about a picture: the function behind ReadExif."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from irbis.errors import RowError
from irbis.image.decoding import MAX_PIXELS, READERS, upright_size
from irbis.image.header import recognise
from irbis.image.picture import PictureError
from irbis.image.still import still
from irbis.schema import column, put, to_error

__all__ = ["EXIF", "TAKEN", "ExifFunction", "exif_of"]

TAKEN = pa.timestamp("us", tz="UTC")
EXIF = pa.struct(
    [
        pa.field("taken", TAKEN),
        pa.field("make", pa.string()),
        pa.field("model", pa.string()),
        pa.field("serial", pa.string()),
        pa.field("latitude", pa.float64()),
        pa.field("longitude", pa.float64()),
        pa.field("altitude", pa.float64()),
        pa.field("width", pa.int32()),
        pa.field("height", pa.int32()),
    ]
)
# EXIF 3.0: of the picture, of the camera's own part of the file, of the place.
_MAKE, _MODEL, _CHANGED, _CAMERA, _PLACE = 0x010F, 0x0110, 0x0132, 0x8769, 0x8825
_TAKEN, _OFFSET, _FRACTION, _SERIAL = 0x9003, 0x9011, 0x9291, 0xA431


def exif_of(data: bytes, zone: tzinfo = UTC, *, max_pixels: int = MAX_PIXELS) -> dict[str, Any]:
    """Read a picture's header; no pixel is decoded, and what can't be read is None.

    Parameters
    ----------
    data : bytes
    zone : tzinfo, default UTC
        Of the camera's clock, where the file does not name one.

    Returns
    -------
    dict
        With the fields of :data:`EXIF`.

    Raises
    ------
    PictureError
        For bytes that are no picture.
    """
    width, height = upright_size(data, max_pixels=max_pixels)
    found = {f.name: None for f in EXIF.fields} | {"width": width, "height": height}
    with still(max_pixels):
        try:
            tags = READERS[recognise(data)](io.BytesIO(data)).getexif()
            camera, place = tags.get_ifd(_CAMERA), tags.get_ifd(_PLACE)
        except Exception:  # a damaged directory is no damaged picture
            return found
    return found | {
        "taken": _taken(camera, tags, zone),
        "make": _text(tags.get(_MAKE)),
        "model": _text(tags.get(_MODEL)),
        "serial": _text(camera.get(_SERIAL)),
        "latitude": _degrees(place.get(2), place.get(1), "S", 90),
        "longitude": _degrees(place.get(4), place.get(3), "W", 180),
        "altitude": _metres(place.get(6), place.get(5)),
    }


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    return value.partition("\0")[0].strip() or None


def _taken(camera: Mapping[int, Any], tags: Mapping[int, Any], zone: tzinfo) -> datetime | None:
    said = _text(camera.get(_TAKEN)) or _text(tags.get(_CHANGED))
    try:
        found = datetime.strptime(said or "", "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - no zone yet
        fraction = _text(camera.get(_FRACTION)) or ""
        if fraction.isascii() and fraction.isdigit():
            found = found.replace(microsecond=int(fraction[:6].ljust(6, "0")))
        return found.replace(tzinfo=_offset(camera.get(_OFFSET)) or zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _offset(value: Any) -> tzinfo | None:
    said = _text(value) or ""
    try:
        sign, hours, minutes = said[0], int(said[1:3]), int(said[4:6])
        passed = timedelta(hours=hours, minutes=minutes)
        return timezone(-passed if sign == "-" else passed) if sign in "+-" else None
    except (ValueError, IndexError):
        return None


def _degrees(parts: Any, side: Any, negative: str, most: int) -> float | None:
    try:
        hours, minutes, seconds = (float(p) for p in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    found = hours + minutes / 60 + seconds / 3600
    if not math.isfinite(found) or not 0 <= found <= most:
        return None
    return -found if _text(side) == negative else found


def _metres(value: Any, below: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not math.isfinite(found):
        return None
    return -found if below in (1, b"\x01") else found


@dataclass(frozen=True)
class ExifFunction:
    """Reads the headers of a batch."""

    source: str
    target: str
    taken: str | None
    camera: str | None
    error: str | None
    zone: str
    max_pixels: int = MAX_PIXELS

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Read a batch."""
        zone = ZoneInfo(self.zone)
        rows: list[dict[str, Any] | None] = []
        errors: list[tuple[str, str] | None] = []
        for at, data in enumerate(column(batch, self.source)):
            try:
                if not data.is_valid:
                    raise PictureError("null", "no picture")
                found = exif_of(data.as_py(), zone, max_pixels=self.max_pixels)
                rows.append(found)
                errors.append(None)
            except PictureError as error:
                if self.error is None:
                    text = f"row {at}: {error}"
                    raise RowError(text, do="set errors='column' to keep going") from None
                rows.append(None)
                errors.append((error.kind, str(error)))
        batch = put(batch, self.target, pa.array(rows, EXIF))
        if self.taken is not None:
            times = [r and r["taken"] for r in rows]
            batch = put(batch, self.taken, pa.array(times, TAKEN))
        if self.camera is not None:
            cameras = [None if r is None else camera_of(r) for r in rows]
            batch = put(batch, self.camera, pa.array(cameras, pa.string()))
        return batch if self.error is None else put(batch, self.error, to_error(errors))


def camera_of(exif: Mapping[str, Any]) -> str | None:
    """Name a camera: its serial number, else its maker and model.

    Examples
    --------
    >>> camera_of({"serial": None, "make": "RECONYX", "model": "HP2X"})
    'RECONYX HP2X'
    """
    kind = " ".join(part for part in (exif["make"], exif["model"]) if part)
    return exif["serial"] or kind or None
