"""A text explained: the words, a weight for each, and how far to trust them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.explain.engine import Answered

__all__ = ["TEXT_EXPLANATION", "TextExplanation"]

TEXT_EXPLANATION = pa.struct(
    [
        pa.field("classes", pa.list_(pa.int32())),  # explained classes
        pa.field("scores", pa.list_(pa.float64())),  # the model's answer for the text itself
        pa.field("weights", pa.list_(pa.list_(pa.float64()))),  # a list a class, a weight a word
        pa.field("intercept", pa.list_(pa.float64())),  # of Kernel SHAP: the base value
        pa.field("r2", pa.list_(pa.float64())),
        pa.field("forwards", pa.int32()),
        pa.field("words", pa.list_(pa.string())),
        pa.field("starts", pa.list_(pa.int32())),  # in code points; null for tokens
        pa.field("ends", pa.list_(pa.int32())),
    ]
)


@dataclass(frozen=True)
class TextExplanation:
    """One text explained.

    Parameters
    ----------
    classes : list of int
        Explained classes.
    scores : ndarray of float64, shape (classes,)
        The model's answer for the whole text.
    weights : ndarray of float64, shape (classes, words)
        How much each word adds, on the scale of the metric.
    intercept, r2 : ndarray of float64, shape (classes,)
        Of the surrogate. Of Kernel SHAP the intercept is the base value: the text without words.
    forwards : int
        Texts the model was asked about for this.
    words : list of str
    spans : list of (int, int), or None
        Where the words stand, in code points; None for a column of tokens.
    """

    classes: list[int]
    scores: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    intercept: npt.NDArray[np.float64]
    r2: npt.NDArray[np.float64]
    forwards: int
    words: list[str]
    spans: list[tuple[int, int]] | None

    @property
    def base(self) -> npt.NDArray[np.float64]:
        """Base value of Kernel SHAP: with the weights it sums to the model's own answer."""
        return self.intercept

    @classmethod
    def of(
        cls,
        classes: tuple[int, ...],
        answered: Answered,
        words: list[str],
        spans: list[tuple[int, int]] | None,
    ) -> TextExplanation:
        """Put together what an engine found."""
        fit = answered.fit
        return cls(
            list(classes), answered.scores, fit.weights, fit.intercept, fit.r2, answered.asked,
            words, spans,
        )  # fmt: skip

    def to_row(self) -> dict[str, Any]:
        """Make a value for a column of type TEXT_EXPLANATION."""
        return {
            "classes": self.classes,
            "scores": self.scores.tolist(),
            "weights": self.weights.tolist(),
            "intercept": self.intercept.tolist(),
            "r2": self.r2.tolist(),
            "forwards": self.forwards,
            "words": self.words,
            "starts": None if self.spans is None else [start for start, _ in self.spans],
            "ends": None if self.spans is None else [end for _, end in self.spans],
        }

    @classmethod
    def from_row(cls, row: Any) -> TextExplanation:
        """Read such a value: a dict, or a Spark Row."""
        row = row if isinstance(row, dict) else row.asDict()
        starts, count = row["starts"], len(row["classes"])
        return cls(
            classes=list(row["classes"]),
            scores=np.asarray(row["scores"], dtype=np.float64),
            weights=np.asarray(row["weights"], dtype=np.float64).reshape(count, -1),
            intercept=np.asarray(row["intercept"], dtype=np.float64),
            r2=np.asarray(row["r2"], dtype=np.float64),
            forwards=row["forwards"],
            words=list(row["words"]),
            spans=None if starts is None else list(zip(starts, row["ends"], strict=True)),
        )
