"""Spark ML's StringIndexerModel on Arrow batches, for one column and for several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa

from irbis.adapters.adapter import Adapter
from irbis.adapters.labels import indexes_of
from irbis.errors import SchemaError
from irbis.schema import column, field_of, put

__all__ = ["StringIndexerAdapter"]


@dataclass(frozen=True)
class StringIndexerAdapter(Adapter):
    """Turns strings and numbers into the index of their label, a double.

    A row is invalid if the input is null or not among the labels ("" is a string like any other).

    ======  ==============================================================
    error   an invalid row gets a null index, where Spark fails the job
    skip    invalid rows are dropped, as Spark does
    keep    they get the number of labels as their index, as Spark does
    ======  ==============================================================

    As in Spark, an input column that is not there is passed over: at prediction there is no label.
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    invalid: str

    attributes: ClassVar[Literal["", "names", "labels"]] = "labels"

    @classmethod
    def of(cls, model: Any) -> StringIndexerAdapter:
        """Read a fitted pyspark.ml.feature.StringIndexerModel."""
        several = model.isSet("inputCols")
        return cls(
            sources=tuple(model.getInputCols() if several else [model.getInputCol()]),
            targets=tuple(model.getOutputCols() if several else [model.getOutputCol()]),
            labels=tuple(tuple(labels) for labels in model.labelsArray),
            invalid=model.getHandleInvalid(),
        )

    @property
    def rows(self) -> Literal["one", "many"]:
        """Skipping changes the number of rows."""
        return "many" if self.invalid == "skip" else "one"

    def input_columns(self) -> list[str]:
        """All columns with labels."""
        return list(self.sources)

    def output_columns(self) -> list[str]:
        """Their indexes."""
        return list(self.targets)

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A double for each input column that is there."""
        fields = []
        for source, target in zip(self.sources, self.targets, strict=True):
            if source not in schema.names:
                continue
            type_ = field_of(schema, source, reader="StringIndexerModel").type
            if not _is_indexable(type_):
                raise SchemaError(f"{source}: {type_}", expected="strings or numbers")
            fields.append(pa.field(target, pa.float64()))
        return fields

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Index a batch."""
        valid = np.ones(batch.num_rows, dtype=bool)
        inputs = batch  # every column is read as it came, also where a target replaces one
        for source, target, labels in zip(self.sources, self.targets, self.labels, strict=True):
            if source not in inputs.schema.names:
                continue
            found = indexes_of(column(inputs, source), labels)
            valid &= np.asarray(found.is_valid(), dtype=bool)
            if self.invalid == "keep":
                found = found.fill_null(len(labels))
            batch = put(batch, target, found.cast(pa.float64()))
        return batch.filter(pa.array(valid)) if self.invalid == "skip" else batch

    def labels_of(self, target: str) -> tuple[str, ...] | None:
        """Labels behind an output column, as Spark puts them into its metadata."""
        if target not in self.targets:
            return None
        labels = self.labels[self.targets.index(target)]
        return (*labels, "__unknown") if self.invalid == "keep" else labels


def _is_indexable(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    text = pa.types.is_string(type_) or pa.types.is_large_string(type_)
    number = pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_)
    return bool(text or number)
