"""A table of detections as CSV: a row a detection, for spreadsheets, R and everything else.

A picture with nothing in it has one row without a label; one that failed, a row with its failure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from irbis.errors import DataError
from irbis.formats.csv_table import read_table, write_table
from irbis.formats.trap import TrapDetection, TrapPicture

__all__ = ["COLUMNS", "read_detections_csv", "write_detections_csv"]

_PICTURE = (
    "file", "failure", "width", "height", "taken", "location", "sequence", "frame", "frames",
)  # fmt: skip
COLUMNS = (*_PICTURE, "label", "score", "x", "y", "box_width", "box_height")
_BOX = COLUMNS[-4:]


def write_detections_csv(path: str | Path, pictures: Iterable[TrapPicture]) -> None:
    """Write pictures and detections, UTF-8, numbers in full.

    A classifier's further guesses and fields that irbis does not read are left out.

    Parameters
    ----------
    path : str or Path
    pictures : iterable of TrapPicture

    Raises
    ------
    DataError
        For a picture that stands there twice: rows of one picture are told by its name.
    """
    listed = list(pictures)
    names = [picture.file for picture in listed]
    if twice := {name for name, times in Counter(names).items() if times > 1}:
        raise DataError(f"{sorted(twice)} twice", expected="one entry a picture")
    rows = (_row(p, found) for p in listed for found in p.detections or (None,))
    write_table(Path(path), COLUMNS, rows)


def _row(picture: TrapPicture, found: TrapDetection | None) -> dict[str, Any]:
    row = {name: getattr(picture, name) for name in _PICTURE}
    if picture.taken is not None:
        row["taken"] = picture.taken.isoformat()
    if found is not None:
        row["label"], row["score"] = found.label, found.score
        row |= dict(zip(_BOX, found.box or (), strict=False))
    return row


def read_detections_csv(path: str | Path) -> list[TrapPicture]:
    """Read what :func:`write_detections_csv` wrote.

    Raises
    ------
    DataError
        If it is none; says which line.
    """
    rows: dict[str, list[Mapping[str, str]]] = {}
    for row in read_table(Path(path), COLUMNS):
        rows.setdefault(row["file"], []).append(row)
    try:
        return [_picture(found) for found in rows.values()]
    except (ValueError, TypeError) as error:
        raise DataError(f"{path}: {error}", expected="a table of detections") from None


def _picture(rows: list[Mapping[str, str]]) -> TrapPicture:
    first = rows[0]
    numbers: dict[str, Any] = {
        n: int(first[n]) if first[n] else None for n in ("width", "height", "frame", "frames")
    }
    return TrapPicture(
        first["file"],
        tuple(_detection(row) for row in rows if row["label"]),
        first["failure"] or None,
        taken=datetime.fromisoformat(first["taken"]) if first["taken"] else None,
        location=first["location"] or None,
        sequence=first["sequence"] or None,
        **numbers,
    )


def _detection(row: Mapping[str, str]) -> TrapDetection:
    sides = [float(row[name]) for name in _BOX if row[name]]
    box = (sides[0], sides[1], sides[2], sides[3]) if len(sides) == 4 else None
    return TrapDetection(row["label"], float(row["score"]) if row["score"] else None, box)
