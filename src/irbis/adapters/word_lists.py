"""What adapters share that turn a text, or a list of words, into a list of words, row by row."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa

from irbis.adapters.adapter import Adapter
from irbis.errors import SchemaError
from irbis.schema import column, field_of, put

__all__ = ["WordsAdapter", "check_words"]


@dataclass(frozen=True)
class WordsAdapter(Adapter):
    """A text or a list of words to a list of words; null gives null, where Spark fails the job."""

    source: str
    target: str

    #: Whether it reads texts, not lists.
    reads_text: ClassVar[bool] = False

    @abstractmethod
    def words(self, value: Any) -> list[str | None]:
        """Words of a row; a word among those read may be None."""

    def input_columns(self) -> list[str]:
        """The texts or words."""
        return [self.source]

    def output_columns(self) -> list[str]:
        """The words."""
        return [self.target]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A list of strings."""
        reader = type(self).__name__.removesuffix("Adapter")
        if not self.reads_text:
            check_words(schema, self.source, reader)
        elif not _is_text(type_ := field_of(schema, self.source, reader=reader).type):
            raise SchemaError(f"{self.source}: {type_}", expected="strings")
        return [pa.field(self.target, pa.list_(pa.string()))]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Make the words of a batch."""
        values = column(batch, self.source).to_pylist()
        found = [None if value is None else self.words(value) for value in values]
        return put(batch, self.target, pa.array(found, pa.list_(pa.string())))


def check_words(schema: pa.Schema, name: str, reader: str) -> None:
    """Check that a column holds lists of strings.

    Raises
    ------
    SchemaError
        If it is missing or holds something else.
    """
    type_ = field_of(schema, name, reader=reader).type
    listed = pa.types.is_list(type_) or pa.types.is_large_list(type_)
    if not (listed and _is_text(type_.value_type)):
        raise SchemaError(f"{name}: {type_}", expected="lists of strings")


def _is_text(type_: pa.DataType) -> bool:
    type_ = type_.value_type if pa.types.is_dictionary(type_) else type_
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))
