"""What a page shows of a batch of pictures: the function that makes it, in the workers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from irbis.image.codec import decode, encode
from irbis.image.decoding import upright_size
from irbis.image.picture import PictureError
from irbis.schema import column

__all__ = ["SIGHTS", "SightsFunction"]

SIGHTS = pa.schema(
    [
        pa.field("path", pa.string()),
        pa.field("at", pa.timestamp("us", tz="UTC")),
        pa.field("found", pa.string()),  # JSON: [[x, y, width, height, label, score], ...], shares
        pa.field("width", pa.int32()),
        pa.field("height", pa.int32()),
        pa.field("thumbnail", pa.binary()),
        pa.field("kind", pa.string()),
        pa.field("message", pa.string()),
    ]
)
_SIDE = 480  # pixels, of a thumbnail
_MOST = 12  # thumbnails of a batch: a page shows no more


@dataclass(frozen=True)
class SightsFunction:
    """Makes a page's rows of detections, for ``mapInArrow``.

    Parameters
    ----------
    path, detections : str
        Columns.
    image, error, time : str or None
        Columns, if there are such.
    threshold : float, default 0.5
        Lowest score that counts.
    """

    path: str
    detections: str
    image: str | None = None
    error: str | None = None
    time: str | None = None
    threshold: float = 0.5

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Make the rows of each batch."""
        return map(self.batch, batches)

    def batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Make the rows of one batch."""
        named = {n: column(batch, n).to_pylist() for n in (self.path, self.detections)}
        errors = self._list(batch, self.error)
        times = self._list(batch, self.time)
        made: list[dict[str, Any]] = []
        for at, path in enumerate(named[self.path]):
            boxes = named[self.detections][at] or []
            kept = [b for b in boxes if (b["score"] or 0) >= self.threshold]
            error = errors[at]
            row = {"path": path, "at": times[at], "boxes": kept}
            if error is not None:
                row |= {"kind": error["kind"], "message": error["message"]}
            made.append(row)
        self._look(batch, made)
        for row in made:
            row["found"] = json.dumps(row.pop("boxes"))
        return pa.RecordBatch.from_pylist(made, schema=SIGHTS)

    def _list(self, batch: pa.RecordBatch, name: str | None) -> list[Any]:
        return [None] * batch.num_rows if name is None else column(batch, name).to_pylist()

    def _look(self, batch: pa.RecordBatch, rows: list[dict[str, Any]]) -> None:
        """Add size and thumbnail to the newest rows with a find; boxes become shares."""
        shown = [i for i, row in enumerate(rows) if row["boxes"]]
        shown.sort(key=lambda i: (rows[i]["at"] or _LONG_AGO, i), reverse=True)
        newest = set(shown[:_MOST])
        for at, row in enumerate(rows):
            size = None
            if at in newest and (data := self._bytes(batch, at, row["path"])):
                try:
                    size = upright_size(data)
                    small = decode(data, at_least=_within(size))
                    row["thumbnail"] = encode(_shrunk(small), quality=80)
                    row["width"], row["height"] = size
                except PictureError:
                    size = None
            row["boxes"] = [_share(box, size) for box in row["boxes"]]

    def _bytes(self, batch: pa.RecordBatch, at: int, path: str | None) -> bytes | None:
        if self.image is not None:
            found: bytes | None = column(batch, self.image)[at].as_py()
            return found
        try:
            return Path(path or "").read_bytes()
        except OSError:
            return None


_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def _within(size: tuple[int, int]) -> tuple[int, int]:
    scale = min(1.0, _SIDE / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _shrunk(picture: Any) -> Any:
    from irbis.image.pixels import resized

    height, width = picture.shape[:2]
    return resized(picture, *_within((width, height)))


def _share(box: dict[str, Any], size: tuple[int, int] | None) -> list[Any]:
    sides: list[float] = []
    if size is not None:
        x, y = box["xmin"] / size[0], box["ymin"] / size[1]
        sides = [x, y, box["xmax"] / size[0] - x, box["ymax"] / size[1] - y]
    return [*(round(s, 5) for s in sides), box["label"], round(box["score"], 4)]
