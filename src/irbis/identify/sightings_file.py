"""Tables of sightings that people keep: a CSV or Parquet with a picture's file in each row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from irbis.errors import DataError

__all__ = ["Sighting", "read_sightings"]

_PICTURES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp"}
_WAYS = (("xmin", "ymin", "xmax", "ymax"), ("x", "y", "w", "h"))


@dataclass(frozen=True)
class Sighting:
    """A picture of an animal.

    Parameters
    ----------
    file : str
        As it stands in the table: what the sighting is called.
    path : str
    box : tuple of float or None
        xmin, ymin, xmax, ymax.
    individual, event, station : str or None
    """

    file: str
    path: str
    box: tuple[float, float, float, float] | None = None
    individual: str | None = None
    event: str | None = None
    station: str | None = None


def read_sightings(source: str | Path) -> list[Sighting]:
    """Read a table, or list a folder of pictures.

    Parameters
    ----------
    source : str or Path
        A folder; or a ``.csv`` or ``.parquet`` with a column file, relative to the table's folder, and
        what there is of individual, event, station, and of a box: xmin, ymin, xmax, ymax, or x, y, w,
        h, in pixels.

    Raises
    ------
    DataError
        If it can't be read, has no column file, or is empty.
    """
    place = Path(source).expanduser()
    if place.is_dir():
        files = sorted(p for p in place.rglob("*") if p.suffix.lower() in _PICTURES)
        found = [Sighting(p.relative_to(place).as_posix(), str(p)) for p in files]
    else:
        found = [_row(place.parent, row) for row in _rows(place)]
    if not found:
        raise DataError(f"{source} without a picture", expected="a folder or a table of pictures")
    return found


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        table = pq.read_table(path) if path.suffix.lower() == ".parquet" else pa.csv.read_csv(path)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path}: {error}", expected="a CSV or Parquet file, or a folder") from None
    if "file" not in table.column_names:
        raise DataError(f"{path} with columns {table.column_names}", expected="a column 'file'")
    return [row for row in table.to_pylist() if row["file"] not in {None, ""}]


def _row(folder: Path, row: dict[str, Any]) -> Sighting:
    box = None
    for names in _WAYS:
        values = [row.get(n) for n in names]
        if all(isinstance(v, (int, float)) for v in values):
            a, b, c, d = (float(v) for v in values if v is not None)
            box = (a, b, c, d) if names[0] == "xmin" else (a, b, a + c, b + d)
            break
    said = {k: _text(row.get(k)) for k in ("individual", "event", "station")}
    file = str(row["file"])
    return Sighting(file, str((folder / file).resolve()), box, **said)


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)
