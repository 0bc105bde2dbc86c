"""Means by key on an Arrow table: what EnsembleByKey does outside Spark."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from irbis.schema import VECTOR, is_vector
from irbis.vectors import is_vector_like, to_matrix, to_vectors

__all__ = ["ensemble_fields", "group_means"]


def ensemble_fields(schema: pa.Schema, cols: list[str], names: list[str]) -> list[pa.Field]:
    """Fields of the means: vectors stay vectors, lists stay lists, numbers become doubles."""
    fields = []
    for source, name in zip(cols, names, strict=True):
        type_ = schema.field(source).type
        if is_vector(type_):
            fields.append(pa.field(name, VECTOR))
        elif is_vector_like(type_):
            fields.append(pa.field(name, pa.list_(pa.float64())))
        else:
            fields.append(pa.field(name, pa.float64()))
    return fields


def group_means(
    table: pa.Table, keys: list[str], cols: list[str], names: list[str]
) -> tuple[pa.Table, pa.Array]:
    """Mean of each column in each group, nulls left out; a group of nulls only has a null mean.

    Returns
    -------
    groups : pa.Table
        Keys in order of first appearance (null is a key like any other), then the means.
    member : pa.Array of int64
        For each row of `table`, the row of its group.
    """
    rows = list(zip(*(table.column(k).to_pylist() for k in keys), strict=True))
    places: dict[tuple[object, ...], int] = {}
    member = np.array([places.setdefault(row, len(places)) for row in rows], dtype=np.int64)
    first = np.unique(member, return_index=True)[1]
    groups = table.select(keys).take(pa.array(first, pa.int64()))
    fields = ensemble_fields(table.schema, cols, names)
    for source, field in zip(cols, fields, strict=True):
        means = _means(table.column(source).combine_chunks(), member, len(places), field)
        groups = groups.append_column(field, means)
    return groups, pa.array(member, pa.int64())


def _means(values: pa.Array, member: np.ndarray, count: int, field: pa.Field) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):  # combine_chunks of nothing
        values = pa.array([], values.type)
    vectors = is_vector_like(values.type)
    if vectors:
        x, valid = to_matrix(values)
    else:
        numbers = values.cast(pa.float64())
        valid = np.asarray(numbers.is_valid(), dtype=bool)
        x = np.asarray(numbers.drop_null(), dtype=np.float64)[:, None]
    sums = np.zeros((count, x.shape[1]))
    np.add.at(sums, member[valid], x)
    sizes = np.bincount(member[valid], minlength=count)
    some = sizes > 0
    means = sums[some] / sizes[some][:, None]
    if pa.types.is_struct(field.type):
        return to_vectors(means, some)
    listed = iter(means.tolist())
    out = [next(listed) if ok else None for ok in some]
    return pa.array(out if vectors else [o and o[0] for o in out], type=field.type)
