"""Spark ML's Tokenizer on Arrow batches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from irbis.adapters.adapter import Adapter
from irbis.errors import SchemaError
from irbis.schema import column, field_of, put

__all__ = ["TokenizerAdapter", "split_like_java"]

_SPACE = re.compile(r"[ \t\n\x0b\f\r]")  # Java's \s


@dataclass(frozen=True)
class TokenizerAdapter(Adapter):
    """Lower case, cut at each white space of ASCII; two spaces make an empty word, as in Spark.

    A null text gives null, where Spark fails the job.
    """

    source: str
    target: str

    @classmethod
    def of(cls, model: Any) -> TokenizerAdapter:
        """Read a pyspark.ml.feature.Tokenizer."""
        return cls(model.getInputCol(), model.getOutputCol())

    def input_columns(self) -> list[str]:
        """The texts."""
        return [self.source]

    def output_columns(self) -> list[str]:
        """The words."""
        return [self.target]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A list of strings."""
        type_ = field_of(schema, self.source, reader="Tokenizer").type
        type_ = type_.value_type if pa.types.is_dictionary(type_) else type_
        if not (pa.types.is_string(type_) or pa.types.is_large_string(type_)):
            raise SchemaError(f"{self.source}: {type_}", expected="strings")
        return [pa.field(self.target, pa.list_(pa.string()))]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Cut the texts of a batch."""
        texts = column(batch, self.source).to_pylist()
        found = [None if t is None else split_like_java(_SPACE, t.lower()) for t in texts]
        return put(batch, self.target, pa.array(found, pa.list_(pa.string())))


def split_like_java(pattern: re.Pattern[str], text: str) -> list[str]:
    """Cut a text as Java's String.split does: empty words at the end are left out.

    Examples
    --------
    >>> [split_like_java(_SPACE, text) for text in (" a  b ", "", " ")]
    [['', 'a', '', 'b'], [''], []]
    """
    found = pattern.split(text)
    if len(found) == 1:
        return found
    while found and not found[-1]:
        found.pop()
    return found
