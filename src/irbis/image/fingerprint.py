"""Fingerprints that near-duplicates share: the function behind PerceptualHash."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from PIL import Image

from irbis.image.codec import MAX_PIXELS, Picture
from irbis.image.pixels import map_pictures, resized
from irbis.schema import column, put, to_error

__all__ = ["HashFunction", "difference_hash"]

_CELLS = (9, 8)  # columns, rows
# What a JPEG is decoded to at least. Less is faster still, but then copies of one picture at other
# sizes get other hashes more often: measured, docs/pictures.md.
_ENOUGH = (32 * _CELLS[0], 32 * _CELLS[1])


def difference_hash(picture: Picture) -> str:
    """64 bits: whether each of 8 x 8 grey cells is darker than its right neighbour (dHash).

    Returns
    -------
    str of 16 hex digits

    Examples
    --------
    >>> difference_hash(np.tile(np.arange(90, dtype=np.uint8)[None, :, None], (90, 1, 3)))
    'ffffffffffffffff'
    """
    grey = Image.fromarray(resized(picture, *_CELLS)).convert("L")
    values = np.asarray(grey, dtype=np.int16)
    return np.packbits(values[:, 1:] > values[:, :-1]).tobytes().hex()


@dataclass(frozen=True)
class HashFunction:
    """Fingerprints a batch; null where there is no picture."""

    source: str
    target: str
    error: str | None
    max_pixels: int = MAX_PIXELS

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Fingerprint a batch."""
        rows, valid, errors = map_pictures(
            column(batch, self.source),
            difference_hash,
            raising=self.error is None,
            at_least=_ENOUGH,
            max_pixels=self.max_pixels,
        )
        found = iter(rows)
        hashes = pa.array([next(found) if ok else None for ok in valid], pa.string())
        batch = put(batch, self.target, hashes)
        return batch if self.error is None else put(batch, self.error, to_error(errors))
