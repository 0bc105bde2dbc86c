"""A text explained: the words, a weight for each, and how far to trust them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from irbis.explain.engine import Answered
from irbis.explain.explained import FIELDS, Explained, as_dict

__all__ = ["TEXT_EXPLANATION", "TextExplanation"]

TEXT_EXPLANATION = pa.struct(
    [
        *FIELDS,
        pa.field("words", pa.list_(pa.string())),
        pa.field("starts", pa.list_(pa.int32())),  # in code points; null for tokens
        pa.field("ends", pa.list_(pa.int32())),
    ]
)


@dataclass(frozen=True)
class TextExplanation(Explained):
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

    words: list[str]
    spans: list[tuple[int, int]] | None

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
            **super().to_row(),
            "words": self.words,
            "starts": None if self.spans is None else [start for start, _ in self.spans],
            "ends": None if self.spans is None else [end for _, end in self.spans],
        }

    @classmethod
    def from_row(cls, row: Any) -> TextExplanation:
        """Read such a value: a dict, or a Spark Row."""
        row = as_dict(row)
        starts = row["starts"]
        return cls(
            **cls.shared(row),
            words=list(row["words"]),
            spans=None if starts is None else list(zip(starts, row["ends"], strict=True)),
        )
