"""A picture with parts hidden, scored: masks in, the model's answers out, a few at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from irbis.image.superpixel import Labels
from irbis.model.onnx_session import Tensor

__all__ = ["CHUNK", "MaskedPicture"]

# Pictures in memory at once: 16 network inputs of 224 px are 10 MB.
CHUNK = 16
Masks = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MaskedPicture:
    """Scores a picture under any number of masks, with 16 perturbed inputs in memory at most.

    Perturbed inputs are put together from two network inputs, the picture and what hides it.

    Parameters
    ----------
    image, hidden : ndarray of float32, shape (3, height, width)
        Network inputs: all shown, all hidden.
    segments : ndarray of uint16, shape (height, width)
        Superpixel of each pixel.
    score : callable
        Network inputs, shape (n, 3, height, width), to answers, shape (n, classes).
    """

    image: Tensor
    hidden: Tensor
    segments: Labels
    score: Callable[[Tensor], Scores]

    def of_segments(self, kept: Masks) -> Scores:
        """Answers, shape (n, classes), for superpixels kept, shape (n, segments)."""
        return self._scored(kept, lambda part: part[:, self.segments])

    def of_pixels(self, kept: Masks) -> Scores:
        """Answers, shape (n, classes), for pixels kept, shape (n, height, width)."""
        return self._scored(kept, lambda part: part)

    def _scored(self, kept: Masks, shown: Callable[[Masks], Masks]) -> Scores:
        return np.concatenate(
            [
                self.score(np.where(shown(part)[:, None], self.image, self.hidden))
                for part in np.split(kept, range(CHUNK, len(kept), CHUNK))
            ]
        )
