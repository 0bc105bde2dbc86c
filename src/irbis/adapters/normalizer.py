"""Spark ML's Normalizer on Arrow batches."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from irbis.adapters.adapter import Adapter, Matrix, check_vector
from irbis.schema import VECTOR, column, is_vector, put
from irbis.vectors import to_ragged, vectors_of

__all__ = ["NormalizerAdapter"]


@dataclass(frozen=True)
class NormalizerAdapter(Adapter):
    """Divides each vector by its p-norm; vectors may have any lengths.

    A null vector stays null, where Spark fails the job. A vector of norm 0 stays as it is; one with
    NaN becomes NaN, but for p = infinity, where NaN does not count, and for the zeros that a sparse
    vector leaves out, which stay zeros. Vectors come out dense.
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
        vectors = column(batch, self.source)
        rows = to_ragged(vectors)
        flat = rows.flat()
        norms = np.zeros(len(rows.valid))
        norms[rows.lengths > 0] = self._norms(flat, rows.lengths[rows.lengths > 0])
        divisors = np.repeat(np.where(norms == 0, 1.0, norms), rows.lengths)
        if is_vector(vectors.type) and np.isnan(norms).any():
            divisors = np.where(_held(vectors), divisors, 1.0)
        with np.errstate(invalid="ignore"):
            values = flat / divisors
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


def _held(vectors: pa.Array) -> npt.NDArray[np.bool_]:
    """Which of all rows' numbers a vector holds itself, as against zeros that it leaves out."""
    lengths = pc.list_value_length(vectors.field("values")).fill_null(0)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    ones = pa.ListArray.from_arrays(pa.array(offsets), pa.array(np.ones(offsets[-1])))
    fields = [vectors.field(name) for name in ("type", "size", "indices")]
    marked = pa.StructArray.from_arrays(
        [*fields, ones.cast(VECTOR.field("values").type)],
        fields=list(VECTOR.fields),
        mask=vectors.is_null(),
    )
    return np.asarray(to_ragged(marked).flat() != 0)
