"""What a SQL function or table function does with the batches that Spark hands over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from irbis.errors import DataError, SchemaError
from irbis.schema import BatchFunction, StreamFunction, is_picture, is_vector
from irbis.settled import settle
from irbis.vectors import is_vector_like, to_ragged, vectors_of, vectors_to_lists

__all__ = ["ScalarFunction", "TableFunction", "plain_field"]

_LIST = pa.list_(pa.float64())


def plain_field(field: pa.Field) -> pa.Field:
    """Field as SQL sees it: a vector is an array of doubles.

    Examples
    --------
    >>> from irbis.schema import VECTOR
    >>> plain_field(pa.field("features", VECTOR)).type
    ListType(list<item: double>)
    """
    return field.with_type(_LIST) if is_vector(field.type) else field


@dataclass(frozen=True)
class ScalarFunction:
    """Columns in, one struct column out.

    Parameters
    ----------
    name : str
        Of the SQL function, for messages.
    function : callable
        From a record batch to a record batch.
    reads : tuple of pa.Field
        Arguments, in order.
    writes : tuple of pa.Field
        Fields of the struct, vectors as vectors.
    """

    name: str
    function: BatchFunction
    reads: tuple[pa.Field, ...]
    writes: tuple[pa.Field, ...]

    def __call__(self, *columns: pa.Array) -> pa.Array:
        """Run the function on the arguments."""
        if len(columns) != len(self.reads):
            raise SchemaError(
                f"{len(columns)} arguments of {self.name}",
                expected=f"{self.name}({', '.join(f.name for f in self.reads)})",
            )
        arrays = [_fitting(self.name, f, c) for f, c in zip(self.reads, columns, strict=True)]
        names = [f.name for f in self.reads]
        out = self.function(pa.RecordBatch.from_arrays(arrays, names=names))
        settle()
        parts = [_plain(out.column(f.name), f) for f in self.writes]
        return pa.StructArray.from_arrays(parts, names=[f.name for f in self.writes])


@dataclass(frozen=True)
class TableFunction:
    """Batches of a table in, batches of another number of rows out.

    Parameters
    ----------
    name : str
        Of the SQL function, for messages.
    function : callable
        From an iterator of record batches to one.
    reads : tuple of pa.Field
        Columns it takes of the table; others are left out.
    writes : tuple of pa.Field
        Columns of the result, vectors as vectors.
    """

    name: str
    function: StreamFunction
    reads: tuple[pa.Field, ...]
    writes: tuple[pa.Field, ...]

    def __call__(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Run the function on one batch."""
        missing = [f.name for f in self.reads if f.name not in batch.schema.names]
        if missing:
            raise SchemaError(
                f"a table of {', '.join(batch.schema.names)} in {self.name}",
                expected=f"columns {', '.join(f.name for f in self.reads)}",
            )
        arrays = [_fitting(self.name, f, batch.column(f.name)) for f in self.reads]
        taken = pa.RecordBatch.from_arrays(arrays, names=[f.name for f in self.reads])
        for out in self.function(iter([taken])):
            parts = [_plain(out.column(f.name), f) for f in self.writes]
            yield pa.RecordBatch.from_arrays(parts, names=[f.name for f in self.writes])
        settle()


def _plain(values: pa.Array, field: pa.Field) -> pa.Array:
    return vectors_to_lists(values) if is_vector(field.type) else values


def _fitting(name: str, field: pa.Field, values: Any) -> pa.Array:
    """Argument as the type that was declared at registration."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if values.type == field.type or (is_picture(values.type) and is_picture(field.type)):
        return values
    if is_vector(field.type) and is_vector_like(values.type):
        if is_vector(values.type):  # only the nullability of its fields is another
            return values
        rows = to_ragged(values)
        return vectors_of(rows.flat(), rows.lengths, rows.valid)
    try:
        return values.cast(field.type)
    except pa.ArrowException:
        raise DataError(
            f"{values.type} for {field.name} of {name}",
            expected=str(field.type),
            do="cast it, or register the function with another schema",
        ) from None
