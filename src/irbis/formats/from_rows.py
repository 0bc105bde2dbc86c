"""Rows of a detector, as pictures for the formats of other programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from irbis.errors import DataError
from irbis.formats.trap import Box, TrapDetection, TrapPicture

__all__ = ["from_rows"]


def from_rows(rows: Iterable[Mapping[str, Any]], *, root: str = "") -> list[TrapPicture]:
    """Make pictures of rows, such as ``row.asDict(recursive=True)`` or ``table.to_pylist()``.

    Parameters
    ----------
    rows : iterable of mappings
        With `path` and `detections` (:class:`irbis.Detector`), and where they are there
        `detections_error`, `size` (the detector's `sizeCol`) or `exif` (:class:`irbis.ReadExif`) for
        the picture's size, `taken`, `location` and `group` (:class:`irbis.GroupSequences`).
    root : str, default ""
        Folder that names are relative to.

    Raises
    ------
    DataError
        For a picture with detections whose size no column tells, or that is not below `root`.

    Examples
    --------
    >>> box = {"xmin": 25, "ymin": 0, "xmax": 50, "ymax": 50, "label": "cat", "score": 0.5}
    >>> row = {"path": "/t/a.jpg", "detections": [box], "size": {"width": 100, "height": 100}}
    >>> from_rows([row], root="/t")[0].detections[0].box
    (0.25, 0.0, 0.25, 0.5)
    """
    listed = [_picture(row, root) for row in rows]
    return _numbered(sorted(listed, key=lambda p: p.file))


def _picture(row: Mapping[str, Any], root: str) -> TrapPicture:
    error = row.get("detections_error")
    # A stream of files has a size too: its bytes.
    sizes = (row[name] for name in ("size", "exif") if isinstance(row.get(name), Mapping))
    size: Mapping[str, Any] = next(sizes, {})
    width, height = size.get("width"), size.get("height")
    name, found = _relative(str(row["path"]), root), row["detections"]
    if error is None and found and not (width and height):
        raise DataError(
            f"{name} with detections and without a size",
            expected="a column size or exif",
            do="set the detector's sizeCol to 'size'",
        )
    return TrapPicture(
        name,
        () if error is not None else tuple(_detection(d, width, height) for d in found or ()),
        None if error is None else f"{error['kind']}: {error['message']}",
        width,
        height,
        row.get("taken"),
        row.get("location"),
        row.get("group"),
    )


def _relative(path: str, root: str) -> str:
    if not root:
        return path
    try:
        return PurePosixPath(path).relative_to(root).as_posix()
    except ValueError:
        raise DataError(path, expected=f"a picture below {root}") from None


def _detection(found: Mapping[str, Any], width: Any, height: Any) -> TrapDetection:
    x, y = max(0.0, found["xmin"] / width), max(0.0, found["ymin"] / height)
    right, bottom = min(1.0, found["xmax"] / width), min(1.0, found["ymax"] / height)
    box: Box = (x, y, max(0.0, right - x), max(0.0, bottom - y))
    return TrapDetection(str(found["label"]), float(found["score"]), box)


def _numbered(pictures: list[TrapPicture]) -> list[TrapPicture]:
    """Number the pictures of each sequence, by time."""
    members: dict[str, list[TrapPicture]] = {}
    for picture in pictures:
        if picture.sequence is not None:
            members.setdefault(picture.sequence, []).append(picture)
    places: dict[str, tuple[int, int]] = {}
    for sequence in members.values():
        sequence.sort(key=lambda p: (p.taken is None, p.taken, p.file))
        places |= {p.file: (at, len(sequence)) for at, p in enumerate(sequence)}
    return [
        replace(p, frame=places[p.file][0], frames=places[p.file][1]) if p.file in places else p
        for p in pictures
    ]
