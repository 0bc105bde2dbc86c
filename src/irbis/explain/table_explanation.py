"""A row of a table explained: a weight for each column, and how far to trust them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.explain.engine import Answered

__all__ = ["TABLE_EXPLANATION", "TableExplanation"]

TABLE_EXPLANATION = pa.struct(
    [
        pa.field("classes", pa.list_(pa.int32())),  # explained classes
        pa.field("scores", pa.list_(pa.float64())),  # the model's answer for the row itself
        pa.field("weights", pa.list_(pa.list_(pa.float64()))),  # a list a class, a weight a column
        pa.field("intercept", pa.list_(pa.float64())),  # of Kernel SHAP: the base value
        pa.field("r2", pa.list_(pa.float64())),
        pa.field("forwards", pa.int32()),
        pa.field("columns", pa.list_(pa.string())),
        pa.field("values", pa.list_(pa.string())),  # the row's, in words
    ]
)


@dataclass(frozen=True)
class TableExplanation:
    """One row explained.

    Parameters
    ----------
    classes : list of int
        Explained classes.
    scores : ndarray of float64, shape (classes,)
        The model's answer for the row.
    weights : ndarray of float64, shape (classes, columns)
        LIME: what a deviation more of a number adds, or this category in place of another.
        Kernel SHAP: what the row's value adds to the base value. On the scale of the metric.
    intercept, r2 : ndarray of float64, shape (classes,)
        Of the surrogate. Of Kernel SHAP the intercept is the base value: the mean over the
        background.
    forwards : int
        Rows the model was asked about for this.
    columns : list of str
    values : list of str or None
        The row's values, in words.
    """

    classes: list[int]
    scores: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    intercept: npt.NDArray[np.float64]
    r2: npt.NDArray[np.float64]
    forwards: int
    columns: list[str]
    values: list[str | None]

    @property
    def base(self) -> npt.NDArray[np.float64]:
        """Base value of Kernel SHAP: with the weights it sums to the model's own answer."""
        return self.intercept

    @classmethod
    def of(
        cls, classes: tuple[int, ...], answered: Answered, row: dict[str, Any]
    ) -> TableExplanation:
        """Put together what was found about a row."""
        fit = answered.fit
        return cls(
            list(classes), answered.scores, fit.weights, fit.intercept, fit.r2, answered.asked,
            list(row), [_in_words(value) for value in row.values()],
        )  # fmt: skip

    def to_row(self) -> dict[str, Any]:
        """Make a value for a column of type TABLE_EXPLANATION."""
        return {
            "classes": self.classes,
            "scores": self.scores.tolist(),
            "weights": self.weights.tolist(),
            "intercept": self.intercept.tolist(),
            "r2": self.r2.tolist(),
            "forwards": self.forwards,
            "columns": self.columns,
            "values": self.values,
        }

    @classmethod
    def from_row(cls, row: Any) -> TableExplanation:
        """Read such a value: a dict, or a Spark Row."""
        row = row if isinstance(row, dict) else row.asDict()
        return cls(
            classes=list(row["classes"]),
            scores=np.asarray(row["scores"], dtype=np.float64),
            weights=np.asarray(row["weights"], dtype=np.float64),
            intercept=np.asarray(row["intercept"], dtype=np.float64),
            r2=np.asarray(row["r2"], dtype=np.float64),
            forwards=row["forwards"],
            columns=list(row["columns"]),
            values=list(row["values"]),
        )


def _in_words(value: Any) -> str | None:
    if value is None:
        return None
    return f"{value:.6g}" if isinstance(value, float) else str(value)
