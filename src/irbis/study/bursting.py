"""Frames of a burst that nobody took: one picture moved, lit and disturbed. Imports no pyspark."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from irbis.image.augmentation import brightened, cropped
from irbis.image.codec import MAX_PIXELS, Picture, PictureError, pictures, to_images
from irbis.image.picture import packed
from irbis.schema import column, put, to_error

__all__ = ["BurstFunction", "frames_of"]


def frames_of(
    picture: Picture, count: int, seed: int, *, crop: float, brightness: float, noise: float
) -> Iterator[Picture]:
    """Yield that many frames of a picture; the same ones for the same picture and seed.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width, 3)
    count, seed : int
    crop : float
        Up to that share of both sides is cut off, somewhere: the animal moves, and may leave.
    brightness : float
        Values are multiplied by 1 - brightness to 1 + brightness.
    noise : float
        Standard deviation of what is added to each value, of 255, drawn from 0 to that.

    Examples
    --------
    >>> grey = np.full((10, 10, 3), 100, np.uint8)
    >>> len(list(frames_of(grey, 3, 0, crop=0.5, brightness=0.5, noise=20.0)))
    3
    """
    content = hashlib.blake2b(packed(picture).data, digest_size=8, person=b"irbis burst")
    start = int.from_bytes(content.digest(), "big")
    for frame in range(count):
        rng = np.random.default_rng([start, seed, frame])
        drawn = rng.random(5).tolist()
        seen = brightened(cropped(picture, crop, drawn[:3]), brightness, drawn[3:4])
        disturbed = seen + rng.normal(0, max(noise * drawn[4], 1e-9), seen.shape)
        yield disturbed.round().clip(0, 255).astype(np.uint8)


@dataclass(frozen=True)
class BurstFunction:
    """Repeats a row for every frame; a row without a picture comes out once."""

    source: str
    target: str
    frame: str
    error: str
    frames: int
    crop: float
    brightness: float
    noise: float
    seed: int
    max_pixels: int = MAX_PIXELS

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Make the bursts of a batch."""
        rows: list[int] = []
        numbers: list[int | None] = []
        found: list[Picture | None] = []
        errors: list[tuple[str, str] | None] = []
        seen = pictures(column(batch, self.source), max_pixels=self.max_pixels)
        for row, picture in enumerate(seen):
            if isinstance(picture, PictureError):
                rows.append(row)
                numbers.append(None)
                found.append(None)
                errors.append((picture.kind, str(picture)))
                continue
            made = frames_of(
                picture,
                self.frames,
                self.seed,
                crop=self.crop,
                brightness=self.brightness,
                noise=self.noise,
            )
            found += made
            rows += [row] * self.frames
            numbers += range(self.frames)
            errors += [None] * self.frames
        out = batch.take(pa.array(rows, pa.int64()))
        out = put(out, self.target, to_images(found, [""] * len(rows)))
        out = put(out, self.frame, pa.array(numbers, pa.int32()))
        return put(out, self.error, to_error(errors))
