"""Groups of an Arrow table made one: what EnsembleByKey does outside Spark."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from irbis.model.keys import group_rows, normalized
from irbis.model.strategies import max_numbers, mean_numbers, vote_values
from irbis.model.vector_groups import combine_vectors, lists_of, votes
from irbis.schema import VECTOR, is_vector
from irbis.vectors import is_vector_like

__all__ = ["STRATEGIES", "can_combine", "earliest", "ensemble_fields", "group_table"]

STRATEGIES = ("mean", "max", "vote")


def can_combine(type_: pa.DataType, strategy: str) -> bool:
    """Whether columns of a type can be combined so."""
    kinds = pa.types
    if strategy == "vote":
        if kinds.is_dictionary(type_):
            type_ = type_.value_type
        if kinds.is_string(type_) or kinds.is_large_string(type_) or kinds.is_boolean(type_):
            return True
    return kinds.is_integer(type_) or kinds.is_floating(type_) or is_vector_like(type_)


def ensemble_fields(
    schema: pa.Schema, cols: list[str], names: list[str], strategy: str
) -> list[pa.Field]:
    """Fields of the results.

    Vectors stay vectors and lists become lists of doubles, but a vote of either is an index. The
    mean of numbers is a double; their largest and their commonest keep the type.
    """
    fields = []
    for source, name in zip(cols, names, strict=True):
        type_ = schema.field(source).type
        if pa.types.is_dictionary(type_):
            type_ = type_.value_type
        vector_like = is_vector_like(type_)
        if vector_like and strategy != "vote":
            type_ = VECTOR if is_vector(type_) else pa.list_(pa.float64())
        elif vector_like or strategy == "mean":
            type_ = pa.float64()
        fields.append(pa.field(name, type_))
    return fields


def group_table(
    table: pa.Table, keys: list[str], cols: list[str], names: list[str], strategy: str
) -> tuple[pa.Table, pa.Array]:
    """One value of each column for each group, nulls left out.

    Returns
    -------
    groups : pa.Table
        Keys in order of first appearance (null is a key like any other), then the results.
    member : pa.Array of int64
        For each row of `table`, the row of its group.
    """
    found = [_whole(table, key) for key in keys]
    member, first = group_rows(found)
    # As Spark gives them back: one zero, one NaN.
    kept = [(normalized(k) if pa.types.is_floating(k.type) else k).take(first) for k in found]
    groups = pa.table(kept, schema=pa.schema([table.schema.field(k) for k in keys]))
    fields = ensemble_fields(table.schema, cols, names, strategy)
    for source, field in zip(cols, fields, strict=True):
        made = _combined(_whole(table, source), member, len(first), strategy)
        groups = groups.append_column(
            field, made if made.type == field.type else made.cast(field.type)
        )
    return groups, pa.array(member)


def earliest(table: pa.Table, name: str, member: pa.Array) -> pa.Array:
    """Earliest time of each group, null where none has one.

    Parameters
    ----------
    table : pa.Table
    name : str
        Column of timestamps.
    member : pa.Array of int64
        For each row, its group: numbers from 0 in order of first appearance.
    """
    found = pa.table({"member": member, "time": _whole(table, name)})
    times = found.group_by("member", use_threads=False).aggregate([("time", "min")])
    return times.sort_by("member")["time_min"].combine_chunks()


def _whole(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _combined(values: pa.Array, member: np.ndarray, count: int, strategy: str) -> pa.Array:
    if is_vector_like(values.type):
        lists, vector = lists_of(values), is_vector(values.type)
        if strategy == "vote":
            return vote_values(votes(lists), member, count)
        return combine_vectors(lists, member, count, strategy, vector=vector)
    if strategy == "vote":
        return vote_values(values, member, count)
    return (mean_numbers if strategy == "mean" else max_numbers)(values, member, count)
