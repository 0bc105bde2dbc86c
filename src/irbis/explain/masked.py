"""A picture with parts hidden, scored: masks in, the model's answers out, a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from irbis.image.superpixel import Labels

__all__ = ["CHUNK", "MaskedPicture"]

# Pictures in memory at once: 16 network inputs of 224 px are 10 MB. Fewer, if they are larger.
CHUNK, CHUNK_BYTES = 16, 32 << 20
Masks = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MaskedPicture:
    """Scores a picture under any number of masks, with 16 perturbed inputs in memory at most.

    Perturbed inputs are put together from two network inputs, the picture and what hides it.

    Parameters
    ----------
    image, hidden : ndarray of float32 or uint8, shape (3, height, width)
        What the model reads: all shown, all hidden.
    segments : ndarray of uint16, shape (height, width)
        Superpixel of each pixel.
    score : callable
        Network inputs, shape (n, 3, height, width), to answers, shape (n, classes).
    """

    image: Any
    hidden: Any
    segments: Labels
    score: Callable[[Any], Scores]

    @property
    def count(self) -> int:
        """Number of superpixels."""
        return int(self.segments.max()) + 1

    def of_segments(self, kept: Masks) -> Scores:
        """Answers, shape (n, classes), for superpixels kept, shape (n, segments)."""
        return np.concatenate([self.score(part) for part in self.perturbed(kept)])

    def of_pixels(self, kept: Masks) -> Scores:
        """Answers, shape (n, classes), for pixels kept, shape (n, height, width)."""
        return np.concatenate([self.score(self._put(part)) for part in self._parts(kept)])

    def perturbed(self, kept: Masks) -> Iterator[Any]:
        """What the model reads, a few at a time, for superpixels kept, shape (n, segments)."""
        for part in self._parts(kept):
            yield self._put(part[:, self.segments])

    def _put(self, shown: Masks) -> Any:
        return np.where(shown[:, None], self.image, self.hidden)

    def _parts(self, kept: Masks) -> list[Masks]:
        size = max(1, min(CHUNK, CHUNK_BYTES // self.image.nbytes))
        return np.split(kept, range(size, len(kept), size))
