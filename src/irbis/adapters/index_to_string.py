"""Spark ML's IndexToString on Arrow batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from irbis.adapters.adapter import Adapter
from irbis.adapters.string_indexer import StringIndexerAdapter
from irbis.adapters.written import written_columns
from irbis.errors import SchemaError
from irbis.schema import column, field_of, put

__all__ = ["IndexToStringAdapter", "with_labels"]

_INDEXER = "pyspark.ml.feature.StringIndexerModel"


@dataclass(frozen=True)
class IndexToStringAdapter(Adapter):
    """Turns an index back into its label.

    Null, NaN and an index without a label give null, where Spark (4.3) fails the job. Decimals are
    cut off, as Spark does.
    """

    source: str
    target: str
    labels: tuple[str, ...]

    @classmethod
    def of(cls, model: Any) -> IndexToStringAdapter | None:
        """Read a pyspark.ml.feature.IndexToString; None if it has no labels: Spark knows them."""
        labels = _labels(model)
        return cls(model.getInputCol(), model.getOutputCol(), labels) if labels else None

    def input_columns(self) -> list[str]:
        """The indexes."""
        return [self.source]

    def output_columns(self) -> list[str]:
        """The labels."""
        return [self.target]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A string."""
        type_ = field_of(schema, self.source, reader="IndexToString").type
        if not (pa.types.is_integer(type_) or pa.types.is_floating(type_)):
            raise SchemaError(f"{self.source}: {type_}", expected="a number")
        return [pa.field(self.target, pa.string())]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Look up a batch."""
        values = column(batch, self.source)
        valid = np.asarray(values.is_valid(), dtype=bool)
        indexes = np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False))
        whole = np.trunc(indexes)
        known = valid & (whole >= 0) & (whole < len(self.labels))
        at = pa.array(np.where(known, whole, 0).astype(np.int64), mask=~known)
        return put(batch, self.target, pa.array(self.labels, pa.string()).take(at))


def with_labels(stages: Sequence[Any]) -> list[Any]:
    """Give every IndexToString without labels those of the StringIndexerModel before it.

    Spark finds them in the column's metadata, which does not survive a pass through Python.

    Parameters
    ----------
    stages : sequence of transformers
        Flat, in order. Where nothing is known, a stage stays as it is.
    """
    stages = list(stages)
    for at, stage in enumerate(stages):
        if type(stage).__name__ != "IndexToString" or _labels(stage):
            continue
        writers = [s for s in stages[:at] if stage.getInputCol() in written_columns(s)]
        if writers and _is_indexer(writers[-1]):
            labels = StringIndexerAdapter.of(writers[-1]).labels_of(stage.getInputCol())
            if labels:
                stages[at] = stage.copy({stage.labels: list(labels)})
    return stages


def _is_indexer(stage: Any) -> bool:
    return f"{type(stage).__module__}.{type(stage).__name__}" == _INDEXER


def _labels(model: Any) -> tuple[str, ...]:
    return tuple(model.getLabels()) if model.isDefined("labels") else ()
