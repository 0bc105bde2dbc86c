"""What is usual in a table: mean and deviation of numbers, categories and how often they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from irbis.errors import DataError, SchemaError
from irbis.schema import field_of

__all__ = ["MOST_CATEGORIES", "Background", "is_category", "no_number", "summary", "without_nan"]

MOST_CATEGORIES = 1000


@dataclass(frozen=True)
class Background:
    """One column: a number's mean and deviation, or categories with their counts, the commonest first.

    Null is a category like any other, and so is NaN, which counts as null.
    """

    name: str
    mean: float = 0.0
    std: float = 0.0
    values: tuple[Any, ...] | None = None
    counts: tuple[int, ...] = ()

    @classmethod
    def of(cls, held: dict[str, Any]) -> Background:
        """Read what :func:`summary` wrote."""
        values = held.get("values")
        return cls(
            name=held["name"],
            mean=held.get("mean", 0.0),
            std=held.get("std", 0.0),
            values=None if values is None else tuple(values),
            counts=tuple(held.get("counts", ())),
        )


def is_category(schema: pa.Schema, name: str, categorical: Sequence[str], *, reader: str) -> bool:
    """Whether a column holds categories: strings, booleans, and what is said to.

    Raises
    ------
    SchemaError
        If it holds something else than numbers, strings and booleans.
    """
    type_ = field_of(schema, name, reader=reader).type
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    number = pa.types.is_integer(type_) or pa.types.is_floating(type_)
    word = pa.types.is_string(type_) or pa.types.is_large_string(type_)
    if not (number or word or pa.types.is_boolean(type_)):
        raise SchemaError(f"{name}: {type_}", expected="numbers, strings or booleans")
    return not number or name in categorical


def summary(
    table: pa.Table, columns: Sequence[str], categorical: Sequence[str], *, reader: str
) -> list[dict[str, Any]]:
    """Summarise a table, as values that JSON holds.

    Parameters
    ----------
    table : pa.Table
    columns, categorical : sequence of str
        Which columns, and which numbers among them are categories.
    reader : str
        Whom an error names.

    Raises
    ------
    SchemaError
        If a column is missing, or holds something else than numbers, strings and booleans.
    DataError
        If a column of numbers has none.

    Examples
    --------
    >>> summary(pa.table({"x": [1.0, 3.0, None]}), ["x"], [], reader="doctest")
    [{'name': 'x', 'mean': 2.0, 'std': 1.0}]
    >>> summary(pa.table({"s": ["a", "b", "a"]}), ["s"], [], reader="doctest")
    [{'name': 's', 'values': ['a', 'b'], 'counts': [2, 1]}]
    """
    found: list[dict[str, Any]] = []
    for name in columns:
        category = is_category(table.schema, name, categorical, reader=reader)
        held = without_nan(table.column(name).combine_chunks())
        if category:
            counted = pc.value_counts(held).to_pylist()
            ordered = sorted(counted, key=lambda c: (-c["counts"], str(c["values"])))
            chosen = ordered[:MOST_CATEGORIES]
            values, counts = [c["values"] for c in chosen], [c["counts"] for c in chosen]
            found.append({"name": name, "values": values, "counts": counts})
            continue
        numbers = np.asarray(held.drop_null(), dtype=np.float64)
        numbers = numbers[np.isfinite(numbers)]
        if not len(numbers):
            raise no_number(name)
        found.append({"name": name, "mean": float(numbers.mean()), "std": float(numbers.std())})
    return found


def no_number(name: str) -> DataError:
    """Say that there is nothing to draw numbers like."""
    return DataError(f"no number in column {name!r} of the background", expected="at least one")


def without_nan(values: pa.Array) -> pa.Array:
    """Decode a dictionary, and turn NaN into null."""
    if isinstance(values, pa.ChunkedArray):  # of no chunks
        values = pa.concat_arrays(values.chunks) if values.chunks else pa.array([], values.type)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
    return values
