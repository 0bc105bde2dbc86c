"""A plain Python function on pictures, where ImageLIME else has a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from irbis.image.codec import Picture, PictureError
from irbis.image.pixels import resized
from irbis.model.onnx_session import Tensor

__all__ = ["SHORT_SIDE", "FunctionModel"]

SHORT_SIDE = 224


@dataclass(frozen=True)
class FunctionModel:
    """Shows pictures to a function as they are, or smaller: their shorter side at most 224 pixels.

    Parameters
    ----------
    function : callable
        Pictures, uint8, shape (n, height, width, 3), at most 16, to answers, shape (n, classes) or
        (n,).
    target : str
        Name of the answers.

    Examples
    --------
    >>> model = FunctionModel(lambda seen: seen.mean(axis=(1, 2, 3)), "score")
    >>> picture = np.full((10, 20, 3), 7, np.uint8)
    >>> model.forward(model.tensor(picture)[None]).tolist()
    [[7.0]]
    """

    function: Callable[[Any], Any]
    target: str

    def resize(self, picture: Picture) -> Picture:
        """The picture as the function sees it."""
        height, width = picture.shape[:2]
        shrink = max(1.0, min(height, width) / SHORT_SIDE)
        return resized(picture, round(width / shrink), round(height / shrink))

    def tensor(self, picture: Picture) -> Tensor:
        """Colours first, as networks have them."""
        seen = self.resize(picture)
        return np.ascontiguousarray(seen.transpose(2, 0, 1)).astype(np.float32)

    def forward(self, tensors: Tensor) -> Tensor:
        """Answers, shape (n, classes)."""
        shown = np.ascontiguousarray(tensors.transpose(0, 2, 3, 1).astype(np.uint8))
        answers = np.asarray(self.function(shown), dtype=np.float32)
        if answers.ndim not in (1, 2) or len(answers) != len(shown):
            raise PictureError(
                "score", f"the function made shape {answers.shape} of {len(shown)} pictures"
            )
        return answers.reshape(len(shown), -1)
