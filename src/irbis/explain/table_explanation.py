"""A row of a table explained: a weight for each column, and how far to trust them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from irbis.explain.engine import Answered
from irbis.explain.explained import FIELDS, Explained, as_dict

__all__ = ["TABLE_EXPLANATION", "TableExplanation"]

TABLE_EXPLANATION = pa.struct(
    [
        *FIELDS,
        pa.field("columns", pa.list_(pa.string())),
        pa.field("values", pa.list_(pa.string())),  # the row's, in words
    ]
)


@dataclass(frozen=True)
class TableExplanation(Explained):
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

    columns: list[str]
    values: list[str | None]

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
            **super().to_row(),
            "columns": self.columns,
            "values": self.values,
        }

    @classmethod
    def from_row(cls, row: Any) -> TableExplanation:
        """Read such a value: a dict, or a Spark Row."""
        row = as_dict(row)
        return cls(
            **cls.shared(row),
            columns=list(row["columns"]),
            values=list(row["values"]),
        )


def _in_words(value: Any) -> str | None:
    if value is None:
        return None
    return f"{value:.6g}" if isinstance(value, float) else str(value)
