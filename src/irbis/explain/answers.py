"""Asking a model on rows: a chain of stages, or a Python function, to the numbers that are explained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.explain.row_errors import ExplanationError
from irbis.planning import Chain
from irbis.schema import column
from irbis.vectors import to_matrix

__all__ = ["Answers", "ChainModel", "PythonModel", "RowModel"]

Matrix = npt.NDArray[np.float64]
_LEAST_PROBABILITY = 1e-15


@dataclass(frozen=True)
class ChainModel:
    """Stages and adapters, and the column that is explained."""

    chain: Chain
    scored: str

    def __call__(self, batch: pa.RecordBatch) -> Matrix:
        """Answers, shape (n, classes)."""
        scored = column(self.chain(batch), self.scored)
        if not (pa.types.is_floating(scored.type) or pa.types.is_integer(scored.type)):
            answers, valid = to_matrix(scored)
        else:
            valid = np.asarray(scored.is_valid(), dtype=bool)
            answers = np.asarray(scored.drop_null(), dtype=np.float64)[:, None]
        if not valid.all() or len(valid) != batch.num_rows:
            lost = batch.num_rows - int(valid.sum())
            raise ExplanationError(
                "score", f"{self.scored} is null in {lost} of {batch.num_rows} perturbed rows"
            )
        return answers


@dataclass(frozen=True)
class PythonModel:
    """A Python function on a batch.

    Parameters
    ----------
    function : callable
        What `show` makes of a batch, to answers, shape (n, classes) or (n,).
    show : callable
        Batch to what the function reads.
    """

    function: Callable[[Any], Any]
    show: Callable[[pa.RecordBatch], Any]

    def __call__(self, batch: pa.RecordBatch) -> Matrix:
        """Answers, shape (n, classes)."""
        try:
            answers = np.asarray(self.function(self.show(batch)), dtype=np.float64)
        except Exception as error:  # the user's code, on a row that it may not expect
            raise ExplanationError("model", f"{type(error).__name__}: {error}") from None
        if answers.ndim not in (1, 2) or len(answers) != batch.num_rows:
            raise ExplanationError(
                "score", f"the function made shape {answers.shape} of {batch.num_rows} rows"
            )
        return answers.reshape(batch.num_rows, -1)


RowModel = ChainModel | PythonModel


@dataclass(frozen=True)
class Answers:
    """A model's answers for the classes asked for, and their scale.

    Parameters
    ----------
    model : RowModel
    classes : tuple of int
    metric : {"logit", "probability"}
    """

    model: RowModel
    classes: tuple[int, ...]
    metric: str

    def of(self, batch: pa.RecordBatch) -> Matrix:
        """Answers, shape (n, classes asked for).

        Raises
        ------
        ExplanationError
            If they are not there or are no numbers.
        """
        answers = self.model(batch)
        if max(self.classes) >= answers.shape[1]:
            raise ExplanationError(
                "score",
                f"the model has {answers.shape[1]} classes, asked for {list(self.classes)}",
            )
        found = answers[:, list(self.classes)]
        if not np.isfinite(found).all():
            raise ExplanationError("score", "the model answers NaN or infinity")
        return found

    def on_scale(self, answers: Matrix) -> Matrix:
        """Bring answers to the scale of the metric.

        Raises
        ------
        ExplanationError
            For the logit of what is no probability.
        """
        if self.metric != "logit":
            return answers
        if answers.min(initial=0.0) < -1e-9 or answers.max(initial=0.0) > 1.0 + 1e-9:
            raise ExplanationError(
                "score", "answers outside 0..1 have no logit: set metric='probability'"
            )
        p = np.clip(answers, _LEAST_PROBABILITY, 1.0 - _LEAST_PROBABILITY)
        return np.asarray(np.log(p) - np.log1p(-p))
