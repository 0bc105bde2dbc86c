"""Spark ML's Normalizer on Arrow batches."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.adapters.adapter import Adapter, Matrix, check_vector
from irbis.schema import VECTOR, column, put
from irbis.vectors import to_ragged, vectors_of

__all__ = ["NormalizerAdapter"]


@dataclass(frozen=True)
class NormalizerAdapter(Adapter):
    """Divides each vector by its p-norm; vectors may have any lengths.

    A null vector stays null, where Spark fails the job. A vector of norm 0 stays as it is; one with
    NaN becomes NaN, but for p = infinity, where NaN does not count. Vectors come out dense.
    """

    source: str
    target: str
    p: float

    @classmethod
    def of(cls, model: Any) -> NormalizerAdapter:
        """Read a pyspark.ml.feature.Normalizer."""
        return cls(model.getInputCol(), model.getOutputCol(), float(model.getP()))

    def input_columns(self) -> list[str]:
        """The vectors."""
        return [self.source]

    def output_columns(self) -> list[str]:
        """The normalised vectors."""
        return [self.target]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A vector."""
        check_vector(schema, self.source, "Normalizer")
        return [pa.field(self.target, VECTOR)]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Normalise a batch."""
        rows = to_ragged(column(batch, self.source))
        flat = rows.flat()
        norms = np.zeros(len(rows.valid))
        norms[rows.lengths > 0] = self._norms(flat, rows.lengths[rows.lengths > 0])
        divisors = np.where(norms == 0, 1.0, norms)
        with np.errstate(invalid="ignore"):
            values = flat / np.repeat(divisors, rows.lengths)
        return put(batch, self.target, vectors_of(values, rows.lengths, rows.valid))

    def _norms(self, flat: Matrix, lengths: npt.NDArray[np.int64]) -> Matrix:
        if not len(lengths):
            return np.zeros(0)
        starts = np.cumsum(lengths) - lengths
        sizes = np.abs(flat)
        with np.errstate(over="ignore"):
            if self.p == 1:
                return np.add.reduceat(sizes, starts)
            if self.p == 2:
                return np.sqrt(np.add.reduceat(flat * flat, starts))
            if math.isinf(self.p):
                return np.maximum.reduceat(np.where(np.isnan(sizes), 0.0, sizes), starts)
            return np.asarray(np.add.reduceat(sizes**self.p, starts) ** (1 / self.p))
