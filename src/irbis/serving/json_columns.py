"""Values that were read from JSON as columns; lists of numbers, which models read, the short way."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import accumulate, chain
from typing import Any, TypeAlias

import pyarrow as pa

__all__ = ["Maker", "column_maker"]

Maker: TypeAlias = Callable[[Sequence[Any]], pa.Array]


def column_maker(type_: pa.DataType) -> Maker:
    """Make a function from values, of :func:`irbis.http.reading.reader`, to a column of the type.

    Arrow's own way from Python's lists costs a request alone twice as much: code that nothing else
    has brought into the processor's caches.

    Examples
    --------
    >>> column_maker(pa.list_(pa.float32()))([[1.0], [2.0, 3.0]]).to_pylist()
    [[1.0], [2.0, 3.0]]
    """

    def general(values: Sequence[Any]) -> pa.Array:
        return pa.array(values, type_)

    inner = type_.value_type if pa.types.is_list(type_) else None
    if inner not in (pa.float32(), pa.float64()):
        return general
    code = "f" if inner == pa.float32() else "d"

    def numbers(values: Sequence[Any]) -> pa.Array:
        try:
            flat = values[0] if len(values) == 1 else chain.from_iterable(values)
            made = array(code, flat)
        except TypeError:  # nulls
            return general(values)
        ends = array("i", accumulate(map(len, values), initial=0))
        leaves = pa.Array.from_buffers(inner, len(made), [None, pa.py_buffer(made)])
        offsets = pa.Array.from_buffers(pa.int32(), len(ends), [None, pa.py_buffer(ends)])
        return pa.ListArray.from_arrays(offsets, leaves, type=type_)

    return numbers
