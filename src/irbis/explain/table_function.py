"""Rows of a table explained inside one function: rows around them are made and asked in chunks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.explain.answers import Answers
from irbis.explain.background import Background, without_nan
from irbis.explain.engine import Answered, ShapEngine
from irbis.explain.row_errors import explained
from irbis.explain.sampling import Design
from irbis.explain.surrogate import SURROGATES
from irbis.explain.table_draws import drawn, row_kernel, uniforms
from irbis.explain.table_explanation import TABLE_EXPLANATION, TableExplanation
from irbis.schema import column, put

__all__ = ["Frame", "TableFunction", "TableLimeFunction", "TableShapFunction"]

CHUNK = 4096  # rows in memory at once, one coalition's at least
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Frame:
    """What a Python function is shown: a pandas DataFrame of the columns explained."""

    columns: tuple[str, ...]

    def __call__(self, batch: pa.RecordBatch) -> Any:
        """Make it."""
        return batch.select(list(self.columns)).to_pandas()


@dataclass(frozen=True)
class TableFunction(ABC):
    """Explains each row of a batch on its own."""

    columns: tuple[str, ...]
    target: str
    error: str | None
    reads: tuple[str, ...]  # columns the model reads
    answers: Answers

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Explain a batch."""
        known = batch.select([c for c in self.reads if c in batch.schema.names])
        for name in self.columns:
            known = put(known, name, column(batch, name))
        return explained(
            batch,
            lambda row: self.explain(known.slice(row, 1)).to_row(),
            pa.field(self.target, TABLE_EXPLANATION),
            self.error,
        )

    def explain(self, row: pa.RecordBatch) -> TableExplanation:
        """Explain a batch of one row."""
        values = {name: without_nan(row.column(name))[0].as_py() for name in self.columns}
        return TableExplanation.of(self.answers.classes, self.weigh(row, values), values)

    @abstractmethod
    def weigh(self, row: pa.RecordBatch, values: dict[str, Any]) -> Answered:
        """Weigh the columns of a row, whose own values are given too, NaN as None."""

    def ask(self, rows: pa.RecordBatch) -> Matrix:
        """Answers for any number of rows, shape (n, classes)."""
        starts = range(0, rows.num_rows, CHUNK)
        return np.concatenate([self.answers.of(rows.slice(s, CHUNK)) for s in starts])


@dataclass(frozen=True)
class TableLimeFunction(TableFunction):
    """LIME: rows around the row, and a weighted linear fit on their features."""

    background: tuple[Background, ...]
    samples: int
    sampler: str
    around_row: bool
    kernel_width: float
    surrogate: str
    regularization: float
    seed: int

    def weigh(self, row: pa.RecordBatch, values: dict[str, Any]) -> Answered:
        """See :class:`irbis.TabularLIME`."""
        u = uniforms(len(self.columns), self.samples - 1, self.sampler, self.seed)
        rows = row.take(pa.array(np.zeros(len(u) + 1, dtype=np.int64)))
        features = np.empty((len(u) + 1, len(self.columns)))
        for at, known in enumerate(self.background):
            type_ = row.schema.field(known.name).type
            features[:, at], made = drawn(
                known, values[known.name], u[:, at], type_, around_row=self.around_row
            )
            rows = put(rows, known.name, made)
        answers = self.ask(rows)
        fit = SURROGATES[self.surrogate](
            cast("Design", features),
            self.answers.on_scale(answers),
            row_kernel(features, self.kernel_width),
            self.regularization,
        )
        return Answered(answers[0], fit, len(answers))


@dataclass(frozen=True)
class TableShapFunction(TableFunction):
    """Kernel SHAP: columns that a coalition lacks come from each row of the background."""

    background: dict[str, tuple[Any, ...]]
    engine: ShapEngine

    def weigh(self, row: pa.RecordBatch, values: dict[str, Any]) -> Answered:
        """See :class:`irbis.TabularSHAP`."""
        del values
        rows = len(next(iter(self.background.values())))
        usual = {
            name: pa.array(self.background[name], type=row.schema.field(name).type)
            for name in self.columns
        }
        step = max(1, CHUNK // rows)

        def ask(kept: Design) -> Matrix:
            return np.concatenate(
                [self._mean(row, usual, kept[s : s + step]) for s in range(0, len(kept), step)]
            )

        found = self.engine(len(self.columns), ask, self.answers.on_scale)
        return Answered(found.scores, found.fit, found.asked * rows)

    def _mean(self, row: pa.RecordBatch, usual: dict[str, pa.Array], kept: Design) -> Matrix:
        """The model's mean answers over the background, shape (n, classes)."""
        n, k = len(next(iter(usual.values()))), len(kept)
        mixed = row.take(pa.array(np.zeros(n * k, dtype=np.int64)))
        for at, name in enumerate(self.columns):
            # The row's own value stands behind those of the background.
            both = pa.concat_arrays([usual[name], row.column(name)])
            index = np.where(np.repeat(kept[:, at], n), n, np.tile(np.arange(n), k))
            mixed = put(mixed, name, both.take(pa.array(index)))
        return np.asarray(self.answers.of(mixed).reshape(k, n, -1).mean(axis=1))
