"""Each picture and its variants: the function behind ImageSetAugmenter."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from PIL import Image

from irbis.errors import RowError
from irbis.image.codec import MAX_PIXELS, Picture, PictureError, pictures, to_images
from irbis.image.operations import grey
from irbis.image.picture import packed
from irbis.schema import column, is_image, put, to_error

__all__ = ["AugmentFunction", "brightened", "cropped", "rotated"]


@dataclass(frozen=True)
class AugmentFunction:
    """Repeats a row for every variant; a row without a picture comes out once."""

    source: str
    target: str
    error: str | None
    horizontal: bool
    vertical: bool
    rotation: float = 0.0
    crop: float = 0.0
    grey: bool = False
    brightness: float = 0.0
    copies: int = 1
    seed: int = 0
    max_pixels: int = MAX_PIXELS

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Augment a batch."""
        values = column(batch, self.source)
        origins = values.field("origin").to_pylist() if is_image(values.type) else None
        rows: list[int] = []
        found: list[Picture | None] = []
        errors: list[tuple[str, str] | None] = []
        for row, picture in enumerate(pictures(values, max_pixels=self.max_pixels)):
            if isinstance(picture, PictureError):
                if self.error is None:
                    raise RowError(f"row {row}: {picture}", do="set errors='column' to keep going")
                rows.append(row)
                found.append(None)
                errors.append((picture.kind, str(picture)))
                continue
            variants = list(self.variants(picture))
            rows += [row] * len(variants)
            found += variants
            errors += [None] * len(variants)
        out = batch.take(pa.array(rows, pa.int64()))
        kept = [origins[r] if origins else "" for r in rows]
        out = put(out, self.target, to_images(found, kept))
        return out if self.error is None else put(out, self.error, to_error(errors))

    def variants(self, picture: Picture) -> Iterator[Picture]:
        """Yield the picture, its mirror images, grey, and what is random; always in this order."""
        yield picture
        if self.horizontal:
            yield np.flip(picture, axis=1)
        if self.vertical:
            yield np.flip(picture, axis=0)
        if self.grey:
            yield np.repeat(grey(picture), 3, axis=2)
        most = {kind: getattr(self, kind) for kind in _RANDOM if getattr(self, kind) > 0}
        content = _content(picture) if most else b""
        for kind, limit in most.items():
            for copy in range(self.copies):
                drawn = _draw(content, f"{self.seed} {kind} {copy}")
                yield _RANDOM[kind](picture, limit, drawn)


def rotated(picture: Picture, degrees: float, drawn: Sequence[float]) -> Picture:
    """Turn by up to that many degrees either way; the corners get the picture's mean colour."""
    image = Image.fromarray(packed(picture))
    mean = tuple(int(c) for c in picture.mean(axis=(0, 1)).round())
    angle = degrees * (2 * drawn[0] - 1)
    return np.asarray(image.rotate(angle, Image.Resampling.BILINEAR, fillcolor=mean))


def cropped(picture: Picture, share: float, drawn: Sequence[float]) -> Picture:
    """Cut off up to that share of both sides, somewhere; a view."""
    height, width = picture.shape[:2]
    kept = 1 - share * drawn[0]
    high, wide = max(1, round(height * kept)), max(1, round(width * kept))
    top, left = int(drawn[1] * (height - high + 1)), int(drawn[2] * (width - wide + 1))
    return picture[top : top + high, left : left + wide]


def brightened(picture: Picture, change: float, drawn: Sequence[float]) -> Picture:
    """Multiply all values by 1 - change to 1 + change."""
    factor = 1 + change * (2 * drawn[0] - 1)
    return (np.arange(256) * factor).round().clip(0, 255).astype(np.uint8)[picture]


_RANDOM: dict[str, Callable[[Picture, float, Sequence[float]], Picture]] = {
    "rotation": rotated,
    "crop": cropped,
    "brightness": brightened,
}


def _content(picture: Picture) -> bytes:
    return hashlib.blake2b(packed(picture).data, person=b"irbis").digest()


def _draw(content: bytes, what: str) -> list[float]:
    """Three numbers in [0, 1) that depend on nothing but the arguments, in any version of numpy."""
    digest = hashlib.blake2b(content + what.encode(), digest_size=24).digest()
    return [int.from_bytes(digest[at : at + 8], "big") / 2**64 for at in (0, 8, 16)]
