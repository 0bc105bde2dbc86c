"""Pictures as vectors of their pixels: the function behind UnrollImage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from PIL import Image

from irbis.errors import RowError
from irbis.image.codec import MAX_PIXELS, Picture, PictureError, pictures
from irbis.image.picture import packed
from irbis.schema import column, put, to_error
from irbis.vectors import to_vectors

__all__ = ["UnrollFunction", "map_pictures", "resized"]

T = TypeVar("T")


def resized(picture: Picture, width: int, height: int) -> Picture:
    """Resize to exactly width x height, aspect not kept, bilinear with antialiasing."""
    if picture.shape[:2] == (height, width):
        return picture
    grey = picture.shape[2] == 1
    image = Image.fromarray(packed(picture)[:, :, 0] if grey else packed(picture))
    small = np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))
    return small[:, :, None] if grey else small


def map_pictures(
    values: pa.Array,
    apply: Callable[[Picture], T],
    *,
    raising: bool,
    at_least: tuple[int, int] | None = None,
    max_pixels: int = MAX_PIXELS,
) -> tuple[list[T], npt.NDArray[np.bool_], list[tuple[str, str] | None]]:
    """Apply a function to each picture of a column.

    Parameters
    ----------
    values : pa.Array
        Encoded pictures or image structs.
    apply : callable
        May raise a PictureError, which becomes the row's error.
    raising : bool
        Whether a bad row raises instead.
    at_least, max_pixels
        See :func:`irbis.image.decoding.decode`.

    Returns
    -------
    results : list
        One for each good row.
    valid : ndarray of bool, shape (rows,)
    errors : list of (kind, message) or None, one a row

    Raises
    ------
    RowError
        At the first bad row, if `raising`.
    """
    results: list[T] = []
    errors: list[tuple[str, str] | None] = []
    for row, picture in enumerate(pictures(values, at_least, max_pixels=max_pixels)):
        try:
            if isinstance(picture, PictureError):
                raise picture
            results.append(apply(picture))
            errors.append(None)
        except PictureError as error:
            if raising:
                message = f"row {row}: {error}"
                raise RowError(message, do="set errors='column' to keep going") from None
            errors.append((error.kind, str(error)))
    return results, np.array([e is None for e in errors], dtype=bool), errors


@dataclass(frozen=True)
class UnrollFunction:
    """Resizes and unrolls, channel by channel, blue first (Spark's order) or one grey channel."""

    source: str
    target: str
    error: str | None
    width: int
    height: int
    channels: int
    max_pixels: int = MAX_PIXELS

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Unroll a batch."""
        rows, valid, errors = map_pictures(
            column(batch, self.source),
            self._unroll,
            raising=self.error is None,
            at_least=(self.width, self.height),
            max_pixels=self.max_pixels,
        )
        matrix = np.stack(rows) if rows else np.zeros((0, self.width * self.height * self.channels))
        batch = put(batch, self.target, to_vectors(matrix, valid))
        return batch if self.error is None else put(batch, self.error, to_error(errors))

    def _unroll(self, picture: Picture) -> npt.NDArray[np.floating]:
        small = resized(picture, self.width, self.height)
        if self.channels == 1:
            return np.asarray(Image.fromarray(small).convert("L"), dtype=np.float32).reshape(-1)
        return small[:, :, ::-1].transpose(2, 0, 1).astype(np.float32).reshape(-1)
