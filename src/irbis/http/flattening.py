"""Rows of lists back into rows: the function behind FlattenBatch. Imports no pyspark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from irbis.errors import ParamError, RowError, SchemaError
from irbis.schema import ERROR, field_of

__all__ = ["Flatten", "flat_schema"]

_ROWS = 10_000
_BYTES = 16 << 20


def _is_list(type_: pa.DataType) -> bool:
    known = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(is_kind(type_) for is_kind in known)


def _is_error(type_: pa.DataType) -> bool:
    return pa.types.is_struct(type_) and [f.name for f in type_.fields] == [f.name for f in ERROR]


def _opened(schema: pa.Schema, cols: Sequence[str] | None) -> list[str]:
    if cols is None:
        found = [f.name for f in schema if _is_list(f.type)]
        if not found:
            raise SchemaError(
                f"no list among {dict(zip(schema.names, map(str, schema.types), strict=True))}",
                expected="rows of lists, as a mini-batch transformer makes them",
            )
    else:
        found = list(cols)
    for name in found:
        type_ = field_of(schema, name, reader="FlattenBatch").type
        if not _is_list(type_):
            raise SchemaError(f"{name}: {type_}", expected="a list")
    return found


def _error_column(schema: pa.Schema, named: str | None, *, raises: bool) -> str | None:
    if raises or named is not None:
        return None if raises else named
    # In a batch, an error column that is no list speaks of the batch as a whole.
    return next((f.name for f in reversed(list(schema)) if _is_error(f.type)), None)


def flat_schema(
    schema: pa.Schema, cols: Sequence[str] | None, named: str | None, *, raises: bool
) -> pa.Schema:
    """Schema of the rows; see :class:`Flatten` for the arguments.

    Raises
    ------
    SchemaError
        If there is no list to open, or a column is missing or no list.
    ParamError
        If errors would overwrite a column of lists.
    """
    opened, error = _opened(schema, cols), _error_column(schema, named, raises=raises)
    if error in opened:
        raise ParamError(f"errorCol={error!r}", expected="another name than the lists'")
    fields = []
    for field in schema:
        if field.name in opened:
            element = field.type.value_field
            # A list that is too short is filled with nulls, if it does not raise.
            nullable = field.nullable or element.nullable or error is not None
            fields.append(element.with_name(field.name).with_nullable(nullable))
        elif field.name == error:
            type_ = field.type if _is_error(field.type) else ERROR
            fields.append(pa.field(field.name, type_))
        else:
            fields.append(field)
    if error is not None and error not in schema.names:
        fields.append(pa.field(error, ERROR))
    return pa.schema(fields, schema.metadata)


@dataclass(frozen=True)
class Flatten:
    """From rows of lists to rows.

    Parameters
    ----------
    cols : tuple of str, optional
        Lists to open; None: every column of lists.
    error : str, optional
        Column for what is wrong with a batch; None: the last error column there is, or raise.
    raises : bool, default False
        Raise in any case.
    """

    cols: tuple[str, ...] | None = None
    error: str | None = None
    raises: bool = False

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Open the lists of an iterator of batches."""
        for batch in batches:
            yield from self._flat(batch)

    def _flat(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        schema = flat_schema(batch.schema, self.cols, self.error, raises=self.raises)
        opened = _opened(batch.schema, self.cols)
        lengths = np.stack([_lengths(batch.column(name)) for name in opened])
        rows = lengths.max(axis=0)
        rows[rows < 0] = 1  # no list at all: the other columns keep a row
        wrong = _wrong(opened, lengths, rows)
        error = _error_column(batch.schema, self.error, raises=self.raises)
        if error is not None:
            batch = _with_errors(batch, schema.field(error), wrong)
        elif wrong:
            row, said = next(iter(wrong.items()))
            raise RowError(
                f"row {row}: lengths: {said}", do="name an errorCol to keep such rows, marked"
            )
        parents = np.repeat(np.arange(batch.num_rows), rows)
        place = np.arange(len(parents)) - np.repeat(np.cumsum(rows) - rows, rows)
        columns = []
        for field in schema:
            values = batch.column(field.name)
            if field.name in opened:
                own = np.maximum(lengths[opened.index(field.name)], 0)
                columns.append((values.flatten(), _indices(own, rows, parents, place)))
            else:
                columns.append((values, pa.array(parents)))
        step = _step([v for v, i in columns if i is not None], batch.num_rows)
        for start in range(0, max(len(parents), 1), step):
            arrays = [
                v.slice(start, step) if i is None else v.take(i.slice(start, step))
                for v, i in columns
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _lengths(lists: pa.Array) -> npt.NDArray[np.int64]:
    """Length of each list; -1 where it is null."""
    counts = pc.fill_null(pc.list_value_length(lists), -1)
    return np.asarray(counts, dtype=np.int64)


def _wrong(
    names: list[str], lengths: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]
) -> dict[int, str]:
    uneven = ((lengths >= 0) & (lengths != rows)).any(axis=0)
    return {
        int(row): "lists of unequal length: "
        + ", ".join(f"{name} {n}" for name, n in zip(names, lengths[:, row], strict=True) if n >= 0)
        for row in np.flatnonzero(uneven)
    }


def _with_errors(batch: pa.RecordBatch, field: pa.Field, wrong: dict[int, str]) -> pa.RecordBatch:
    at = batch.schema.get_field_index(field.name)
    kept = at >= 0 and batch.schema.field(at).type == field.type
    if kept and not wrong:
        return batch
    said = batch.column(at).to_pylist() if kept else [None] * batch.num_rows
    for row, message in wrong.items():  # what went wrong first is what counts
        found = {"kind": "lengths", "message": message, "status": None, "attempts": None}
        said[row] = said[row] or found
    values = pa.array(said, field.type)
    return batch.append_column(field, values) if at < 0 else batch.set_column(at, field, values)


def _indices(
    own: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    parents: npt.NDArray[np.int64],
    place: npt.NDArray[np.int64],
) -> pa.Array | None:
    """Where the flattened values of a column stand in its rows; None: as they are."""
    if (own == rows).all():
        return None
    found = (np.cumsum(own) - own)[parents] + place
    return pa.array(found, mask=place >= own[parents])


def _step(copied: list[pa.Array], rows: int) -> int:
    """Rows of a batch, so that what is repeated does not make it huge."""
    each = sum(values.nbytes for values in copied) / max(rows, 1)
    return max(1, min(_ROWS, int(_BYTES / max(each, 1))))
