"""Rows into rows of lists: every column becomes a list, in order. Imports no pyspark."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

__all__ = ["in_lists", "listed", "together"]


def listed(schema: pa.Schema) -> pa.Schema:
    """Schema of rows of lists: each field becomes the element of one."""
    fields = [pa.field(f.name, pa.list_(f.with_name("element")), nullable=False) for f in schema]
    return pa.schema(fields, schema.metadata)


def in_lists(batch: pa.RecordBatch, sizes: Sequence[int]) -> pa.RecordBatch:
    """Put rows into lists, without copying them.

    Parameters
    ----------
    batch : pa.RecordBatch
    sizes : sequence of int
        Rows of each list; their sum is the number of rows of the batch.

    Examples
    --------
    >>> in_lists(pa.record_batch({"a": [1, 2, 3]}), [2, 1]).to_pydict()
    {'a': [[1, 2], [3]]}
    """
    offsets = pa.array(np.concatenate([[0], np.cumsum(sizes, dtype=np.int32)]), pa.int32())
    schema = listed(batch.schema)
    lists = [
        pa.ListArray.from_arrays(offsets, values, type=field.type)
        for values, field in zip(batch.columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(lists, schema=schema)


def together(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    """One batch of the rows of several, at least one."""
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)
