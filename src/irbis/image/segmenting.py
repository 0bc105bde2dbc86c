"""Superpixels of a column of pictures: the function behind SuperpixelTransformer."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from irbis.image.codec import Picture
from irbis.image.pixels import map_pictures, resized
from irbis.image.superpixel import cut_up
from irbis.image.superpixel_map import SUPERPIXELS, Superpixels
from irbis.schema import column, put, to_error

__all__ = ["MAX_SEGMENTS", "SegmentFunction"]

MAX_SEGMENTS = 10_000  # no method makes more than four times as many: ids fit 16 bits


@dataclass(frozen=True)
class SegmentFunction:
    """Cuts up each picture of a batch, at a size that is enough for it."""

    source: str
    target: str
    error: str | None
    method: str
    segments: int
    cell: int | None
    compactness: float
    short_side: int
    max_pixels: int

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Cut up a batch."""
        found, valid, errors = map_pictures(
            column(batch, self.source),
            lambda picture: self.superpixels(picture).to_row(),
            raising=self.error is None,
            max_pixels=self.max_pixels,
        )
        rest = iter(found)
        rows = [next(rest) if ok else None for ok in valid]
        batch = put(batch, self.target, pa.array(rows, type=SUPERPIXELS))
        return batch if self.error is None else put(batch, self.error, to_error(errors))

    def superpixels(self, picture: Picture) -> Superpixels:
        """Cut up one picture."""
        height, width = picture.shape[:2]
        shrink = max(1.0, min(height, width) / self.short_side)
        seen = resized(picture, round(width / shrink), round(height / shrink))
        segments = self.segments
        if self.cell is not None:
            segments = min(MAX_SEGMENTS, max(1, round(height * width / self.cell**2)))
        return Superpixels(height, width, cut_up(seen, self.method, segments, self.compactness))
