"""Spark ML's VectorAssembler on Arrow batches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa

from irbis.adapters.adapter import Adapter
from irbis.errors import SchemaError
from irbis.schema import VECTOR, column, field_of, put
from irbis.vectors import Ragged, is_vector_like, spans, to_ragged, vectors_of

__all__ = ["VectorAssemblerAdapter"]


@dataclass(frozen=True)
class VectorAssemblerAdapter(Adapter):
    """Puts numbers, booleans and vectors of a row into one vector; it comes out dense.

    A row is invalid if an input is null, or a number is NaN (in a vector NaN is fine).

    ======  ==================================================================================
    error   an invalid row gets a null vector, where Spark fails the job
    skip    invalid rows are dropped, as Spark does: the number of rows changes
    keep    a missing number becomes NaN, as in Spark. A missing vector makes the row's vector
            null: how long it would be stands in Spark's metadata, which no batch carries
    ======  ==================================================================================
    """

    sources: tuple[str, ...]
    target: str
    invalid: str

    attributes: ClassVar[Literal["", "names", "labels"]] = "names"

    @classmethod
    def of(cls, model: Any) -> VectorAssemblerAdapter:
        """Read a pyspark.ml.feature.VectorAssembler."""
        return cls(tuple(model.getInputCols()), model.getOutputCol(), model.getHandleInvalid())

    @property
    def rows(self) -> Literal["one", "many"]:
        """Skipping changes the number of rows."""
        return "many" if self.invalid == "skip" else "one"

    def input_columns(self) -> list[str]:
        """All that is assembled."""
        return list(self.sources)

    def output_columns(self) -> list[str]:
        """The vectors."""
        return [self.target]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A vector."""
        for name in self.sources:
            type_ = field_of(schema, name, reader="VectorAssembler").type
            if not (_is_number(type_) or is_vector_like(type_)):
                raise SchemaError(f"{name}: {type_}", expected="a number, a boolean or a vector")
        return [pa.field(self.target, VECTOR)]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Assemble a batch."""
        parts = [self._part(column(batch, name)) for name in self.sources]
        n = batch.num_rows
        valid = reduce(np.logical_and, [p.valid for p in parts], np.ones(n, dtype=bool))
        zeros = np.zeros(n, dtype=np.int64)
        lengths = np.where(valid, sum((p.lengths for p in parts), start=zeros), 0)
        flat = np.zeros(int(lengths.sum()))
        at = np.cumsum(lengths) - lengths
        for part in parts:
            taken = np.where(valid, part.lengths, 0)
            # Adding 0 turns -0 into 0, as Spark does.
            flat[spans(at, taken)] = part.values[spans(part.starts, taken)] + 0.0
            at = at + taken
        batch = put(batch, self.target, vectors_of(flat, lengths, valid))
        return batch.filter(pa.array(valid)) if self.invalid == "skip" else batch

    def _part(self, values: pa.Array) -> Ragged:
        if not _is_number(values.type):
            return to_ragged(values)
        if pa.types.is_boolean(values.type):
            values = values.cast(pa.int8())
        # A null becomes NaN.
        numbers = np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False))
        n = len(numbers)
        valid = np.ones(n, dtype=bool) if self.invalid == "keep" else ~np.isnan(numbers)
        return Ragged(numbers, np.arange(n), np.ones(n, dtype=np.int64), valid)


def _is_number(type_: pa.DataType) -> bool:
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
    return any(test(type_) for test in tests)
