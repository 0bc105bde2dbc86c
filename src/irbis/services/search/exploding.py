"""Rows of results to rows of one result: the function behind GetBingURLs. Imports no pyspark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from irbis.schema import column, put

__all__ = ["ExplodeFunction", "element_type"]

_ADDRESSES = ("contentUrl", "url")


def element_type(type_: pa.DataType) -> pa.DataType | None:
    """Type of one result of a column of results; None if it is no such column."""
    if pa.types.is_struct(type_) and type_.get_field_index("value") >= 0:
        type_ = type_.field("value").type
    if not (pa.types.is_list(type_) or pa.types.is_large_list(type_)):
        return None
    item: pa.DataType = type_.value_type
    known = pa.types.is_struct(item) and any(item.get_field_index(n) >= 0 for n in _ADDRESSES)
    return item if known else None


@dataclass(frozen=True)
class ExplodeFunction:
    """Repeats rows, one for each of their results."""

    source: str
    target: str
    outer: bool

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Explode a batch."""
        lists = column(batch, self.source)
        if pa.types.is_struct(lists.type):
            lists = pc.struct_field(lists, "value")
        lengths = np.asarray(pc.fill_null(pc.list_value_length(lists), 0), dtype=np.int64)
        items = lists.flatten()
        if self.outer:
            places = np.repeat(np.cumsum(lengths) - lengths, np.maximum(lengths, 1))
            first = np.cumsum(np.maximum(lengths, 1)) - np.maximum(lengths, 1)
            places += np.arange(len(places)) - np.repeat(first, np.maximum(lengths, 1))
            empty = np.repeat(lengths == 0, np.maximum(lengths, 1))
            items = items.take(pa.array(places, pa.int64(), mask=empty))
            lengths = np.maximum(lengths, 1)
        rows = np.repeat(np.arange(batch.num_rows), lengths)
        done = batch.take(pa.array(rows, pa.int64()))
        done = put(done, self.source, items)
        name = next(n for n in _ADDRESSES if items.type.get_field_index(n) >= 0)
        return put(done, self.target, pc.struct_field(items, name).cast(pa.string()))
