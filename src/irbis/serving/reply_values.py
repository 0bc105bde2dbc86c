"""Values of a column as Python has them, for JSON: vectors are lists."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, TypeAlias

import pyarrow as pa

from irbis.schema import is_vector

__all__ = ["rows_of"]

Rows: TypeAlias = Callable[[pa.Array], list[Any]]
_KINDS = pa.types


def rows_of(type_: pa.DataType) -> Rows:
    """Make a function from a column of the type to its values.

    Examples
    --------
    >>> rows_of(pa.list_(pa.float64()))(pa.array([[0.5], None]))
    [[0.5], None]
    """
    clean = _cleaner(type_)

    def each(values: pa.Array) -> list[Any]:
        found: list[Any] = values.to_pylist(maps_as_pydicts="lossy")
        return found if clean is None else [clean(v) for v in found]

    if is_vector(type_):
        return lambda values: _dense_vectors(values) or each(values)
    if _KINDS.is_list(type_) and _is_plain(type_.value_type):
        return lambda values: _lists(values) or each(values)
    return each


def _is_plain(type_: pa.DataType) -> bool:
    return bool(_KINDS.is_integer(type_) or _KINDS.is_floating(type_))


def _lists(values: pa.ListArray) -> list[Any] | None:
    """Lists of numbers, without an object of Arrow's for each; None if there is a null."""
    leaves = values.values
    if values.null_count or leaves.null_count:
        return None
    bounds = values.offsets.to_numpy().tolist()
    start = bounds[0]
    numbers = leaves.to_numpy()[start : bounds[-1]].tolist()
    return [numbers[a - start : b - start] for a, b in pairwise(bounds)]


def _dense_vectors(values: pa.StructArray) -> list[Any] | None:
    """Vectors likewise; None if one is null or sparse."""
    kinds = values.field("type")
    if values.null_count or kinds.null_count or kinds.to_numpy().min(initial=1) != 1:
        return None
    return _lists(values.field("values"))


def _cleaner(type_: pa.DataType) -> Callable[[Any], Any] | None:
    """Make a function that writes vectors as lists, or None where a type has none."""
    if is_vector(type_):
        return _dense
    if _KINDS.is_list(type_):
        inner = _cleaner(type_.value_type)
        return None if inner is None else lambda v: None if v is None else [inner(i) for i in v]
    if _KINDS.is_struct(type_):
        inside = {f.name: c for f in type_.fields if (c := _cleaner(f.type)) is not None}
        if inside:
            return lambda v: (
                None if v is None else {**v, **{n: clean(v[n]) for n, clean in inside.items()}}
            )
    return None


def _dense(vector: Any) -> Any:
    if vector is None or vector["type"] == 1:
        return None if vector is None else vector["values"]
    made = [0.0] * vector["size"]
    for at, value in zip(vector["indices"], vector["values"], strict=True):
        made[at] = value
    return made
