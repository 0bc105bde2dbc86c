"""Rows to keypoints: what both fitting and asking do with a picture, its box and its mask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from irbis.errors import RowError
from irbis.identify.chip import box_of, cut, pixels
from irbis.identify.embedding import Embedding
from irbis.identify.keypoints import Keypoints, KeypointSettings, find_keypoints
from irbis.identify.masks import Mask, masks
from irbis.image.codec import MAX_PIXELS, Picture, PictureError, pictures
from irbis.schema import column, put, to_error

__all__ = ["FEATURES", "ChipReading", "FeatureFunction", "as_row", "from_row"]

#: Keypoints as they travel: geometry is float32 (n, 4), descriptors uint8 (n, 128), the vector int16
#: (d,) or null; little-endian.
FEATURES = pa.struct(
    [
        pa.field("width", pa.int32()),
        pa.field("height", pa.int32()),
        pa.field("placement", pa.list_(pa.float64())),
        pa.field("geometry", pa.binary()),
        pa.field("descriptors", pa.binary()),
        pa.field("vector", pa.binary()),
    ]
)


@dataclass(frozen=True)
class ChipReading:
    """Reads chips from the rows of a batch.

    Parameters
    ----------
    source : str
        Column of pictures.
    box, mask : str or None
        Columns; None: the whole picture, everything in it.
    side : int
        See :func:`irbis.identify.chip.cut`.
    settings : KeypointSettings
    max_pixels : int
    embedding : Embedding or None
        Makes a vector of each chip too.
    """

    source: str
    box: str | None
    mask: str | None
    side: int
    settings: KeypointSettings
    max_pixels: int = MAX_PIXELS
    embedding: Embedding | None = None

    def read(self, batch: pa.RecordBatch) -> Iterator[Keypoints | PictureError]:
        """Read row by row; what is wrong with a row comes in its place."""
        boxes = None if self.box is None else column(batch, self.box)
        laid = (
            iter(())
            if self.mask is None
            else masks(column(batch, self.mask), max_pixels=self.max_pixels)
        )
        found = pictures(column(batch, self.source), max_pixels=self.max_pixels)
        for row, picture in enumerate(found):
            mask = next(laid, None)
            try:
                yield self._chip(picture, None if boxes is None else boxes[row].as_py(), mask)
            except PictureError as error:
                yield error

    def _chip(
        self, picture: Picture | PictureError, box: Any, mask: Mask | PictureError | None
    ) -> Keypoints:
        if isinstance(picture, PictureError):
            raise picture
        if isinstance(mask, PictureError):
            if mask.kind != "null":  # no mask: the whole box
                raise PictureError("mask", str(mask))
            mask = None
        corners = None if self.box is None else box_of(box)
        if self.box is not None and corners is None:
            raise PictureError("no_box", "no animal's box in this row")
        found = find_keypoints(cut(picture, corners, self.side, mask), self.settings)
        if self.embedding is None:
            return found
        return replace(found, vector=self.embedding.of(pixels(picture, corners, mask)))


@dataclass(frozen=True)
class FeatureFunction:
    """Puts keypoints into a column of :data:`FEATURES`."""

    reading: ChipReading
    target: str
    error: str | None

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Read a batch."""
        rows: list[dict[str, Any] | None] = []
        errors: list[tuple[str, str] | None] = []
        for row, found in enumerate(self.reading.read(batch)):
            if isinstance(found, PictureError):
                if self.error is None:
                    message = f"row {row}: {found}"
                    raise RowError(message, do="set errors='column' to keep going") from None
                rows.append(None)
                errors.append((found.kind, str(found)))
                continue
            rows.append(as_row(found))
            errors.append(None)
        batch = put(batch, self.target, pa.array(rows, FEATURES))
        return batch if self.error is None else put(batch, self.error, to_error(errors))


def as_row(found: Keypoints) -> dict[str, Any]:
    """Make a value of :data:`FEATURES`."""
    return {
        "width": found.width,
        "height": found.height,
        "placement": list(found.placement),
        "geometry": found.geometry.astype("<f4").tobytes(),
        "descriptors": found.descriptors.tobytes(),
        "vector": None if found.vector is None else found.vector.astype("<i2").tobytes(),
    }


def from_row(row: dict[str, Any]) -> Keypoints:
    """Read a value of :data:`FEATURES`."""
    left, top, scale_x, scale_y = row["placement"]
    return Keypoints(
        geometry=np.frombuffer(row["geometry"], "<f4").reshape(-1, 4),
        descriptors=np.frombuffer(row["descriptors"], np.uint8).reshape(-1, 128),
        width=row["width"],
        height=row["height"],
        placement=(left, top, scale_x, scale_y),
        vector=None if row["vector"] is None else np.frombuffer(row["vector"], "<i2"),
    )
