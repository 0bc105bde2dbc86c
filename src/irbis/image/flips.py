"""Each picture and its mirror images: the function behind ImageSetAugmenter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from irbis.errors import RowError
from irbis.image.codec import Picture, PictureError, pictures, to_images
from irbis.schema import column, is_image, put, to_error

__all__ = ["FlipFunction"]


@dataclass(frozen=True)
class FlipFunction:
    """Repeats a row for every mirror image; a row without a picture comes out once."""

    source: str
    target: str
    error: str | None
    horizontal: bool
    vertical: bool

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Flip a batch: the original first, then left-right, then upside down."""
        values = column(batch, self.source)
        origins = values.field("origin").to_pylist() if is_image(values.type) else None
        rows: list[int] = []
        found: list[Picture | None] = []
        errors: list[tuple[str, str] | None] = []
        for row, picture in enumerate(pictures(values)):
            if isinstance(picture, PictureError):
                if self.error is None:
                    raise RowError(f"row {row}: {picture}", do="set errors='column' to keep going")
                rows.append(row)
                found.append(None)
                errors.append((picture.kind, str(picture)))
                continue
            variants = self._variants(picture)
            rows += [row] * len(variants)
            found += variants
            errors += [None] * len(variants)
        out = batch.take(pa.array(rows, pa.int64()))
        kept = [origins[r] if origins else "" for r in rows]
        out = put(out, self.target, to_images(found, kept))
        return out if self.error is None else put(out, self.error, to_error(errors))

    def _variants(self, picture: Picture) -> list[Picture]:
        variants = [picture]
        if self.horizontal:
            variants.append(np.flip(picture, axis=1))
        if self.vertical:
            variants.append(np.flip(picture, axis=0))
        return variants
