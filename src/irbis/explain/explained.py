"""What every explanation says, whatever was explained: answers, weights, how far to trust them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["FIELDS", "Explained", "as_dict"]

#: The first fields of every column of explanations.
FIELDS = (
    pa.field("classes", pa.list_(pa.int32())),  # explained classes
    pa.field("scores", pa.list_(pa.float64())),  # the model's answer for the thing itself
    pa.field("weights", pa.list_(pa.list_(pa.float64()))),  # a list a class, a weight a part
    pa.field("intercept", pa.list_(pa.float64())),  # of Kernel SHAP: the base value
    pa.field("r2", pa.list_(pa.float64())),
    pa.field("forwards", pa.int32()),
)


@dataclass(frozen=True)
class Explained:
    """The parts that explanations of pictures, texts and rows have in common.

    Parameters
    ----------
    classes : list of int
    scores, intercept, r2 : ndarray of float64, shape (classes,)
    weights : ndarray of float64, shape (classes, parts)
    forwards : int
    """

    classes: list[int]
    scores: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    intercept: npt.NDArray[np.float64]
    r2: npt.NDArray[np.float64]
    forwards: int

    @property
    def base(self) -> npt.NDArray[np.float64]:
        """Base value of Kernel SHAP: with the weights it sums to the model's own answer."""
        return self.intercept

    def to_row(self) -> dict[str, Any]:
        """Make a value for a column of explanations."""
        return {
            "classes": self.classes,
            "scores": self.scores.tolist(),
            "weights": self.weights.tolist(),
            "intercept": self.intercept.tolist(),
            "r2": self.r2.tolist(),
            "forwards": self.forwards,
        }

    @staticmethod
    def shared(row: dict[str, Any]) -> dict[str, Any]:
        """Fields of this class from such a value."""
        read = {n: np.asarray(row[n], dtype=np.float64) for n in ("scores", "intercept", "r2")}
        weights = np.asarray(row["weights"], dtype=np.float64).reshape(len(row["classes"]), -1)
        return read | {
            "classes": list(row["classes"]), "weights": weights, "forwards": row["forwards"]
        }  # fmt: skip


def as_dict(row: Any) -> dict[str, Any]:
    """Take a dict or a Spark Row."""
    return row if isinstance(row, dict) else row.asDict()
