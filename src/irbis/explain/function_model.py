"""A plain Python function on pictures, where ImageLIME else has a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from irbis.explain.shown import Shown
from irbis.image.codec import PictureError

__all__ = ["FunctionModel"]


@dataclass(frozen=True)
class FunctionModel(Shown):
    """Shows pictures to a function as they are, or smaller: see :class:`irbis.explain.shown.Shown`.

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

    def forward(self, tensors: Any) -> npt.NDArray[np.float64]:
        """Answers, shape (n, classes)."""
        shown = np.ascontiguousarray(tensors.transpose(0, 2, 3, 1))
        answers = np.asarray(self.function(shown), dtype=np.float64)
        if answers.ndim not in (1, 2) or len(answers) != len(shown):
            raise PictureError(
                "score", f"the function made shape {answers.shape} of {len(shown)} pictures"
            )
        return answers.reshape(len(shown), -1)
