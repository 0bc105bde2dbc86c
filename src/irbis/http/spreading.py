"""Answers to lists of rows, given back to the rows: behind miniBatcher. Imports no pyspark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from irbis.errors import RowError
from irbis.http.flattening import Flatten

__all__ = ["Spread", "spread_type"]


def spread_type(type_: pa.DataType) -> pa.DataType:
    """What a row gets of an answer: a value of a list, or all of anything else."""
    return type_.value_type if pa.types.is_list(type_) else type_


@dataclass(frozen=True)
class Spread:
    """From rows of lists, each with the answer to a list, to the rows that went into the lists.

    An answer that is a list has a value for each row; one with more or fewer fails all its rows:
    nobody can say which value belongs to which. Any other answer is repeated.

    Parameters
    ----------
    source : str
        A column of lists.
    target : str
        The answers.
    error : str, optional
        Their errors; None: raise.
    """

    source: str
    target: str
    error: str | None

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Give the rows of an iterator of batches back."""
        for batch in batches:
            checked = self._checked(batch)
            schema = self._schema(batch.schema)
            opened = [f.name for f in batch.schema if f.type != schema.field(f.name).type]
            for part in Flatten(tuple(opened), self.error)(iter([checked])):
                yield pa.RecordBatch.from_arrays(part.columns, schema=schema)

    def _schema(self, lists: pa.Schema) -> pa.Schema:
        fields = []
        for field in lists:
            if field.name == self.target:
                fields.append(pa.field(field.name, spread_type(field.type)))
            elif field.name == self.error:
                fields.append(field)
            else:  # as it was before it went into lists
                fields.append(field.type.value_field.with_name(field.name))
        return pa.schema(fields, lists.metadata)

    def _checked(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        at = batch.schema.get_field_index(self.target)
        values = batch.column(at)
        if not pa.types.is_list(values.type):
            return batch
        found = np.asarray(pc.fill_null(pc.list_value_length(values), -1))
        asked = np.asarray(pc.list_value_length(batch.column(self.source)))
        wrong = (found >= 0) & (found != asked)
        if not wrong.any():
            return batch
        said = {
            int(row): f"{found[row]} values in answer to a list of {asked[row]}"
            for row in np.flatnonzero(wrong)
        }
        if self.error is None:
            row, message = next(iter(said.items()))
            raise RowError(
                f"list {row}: lengths: {message}", do="set errors='column' to keep going"
            )
        where = batch.schema.get_field_index(self.error)
        field = batch.schema.field(where)
        errors = batch.column(where).to_pylist()
        for row, message in said.items():
            errors[row] = {"kind": "lengths", "message": message, "status": None, "attempts": None}
        batch = batch.set_column(where, field, pa.array(errors, field.type))
        none = values.take(pa.array(np.arange(len(values)), mask=wrong))
        return batch.set_column(at, batch.schema.field(at), none)
