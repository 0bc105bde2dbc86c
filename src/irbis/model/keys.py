"""Which rows of an Arrow table share their keys, by Spark's rules: null is a key like any other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["group_rows", "normalized"]

Places = npt.NDArray[np.int64]


def group_rows(keys: Sequence[pa.Array]) -> tuple[Places, Places]:
    """Number the groups in order of first appearance.

    Parameters
    ----------
    keys : sequence of pa.Array, all of one length
        Null equals null, NaN equals NaN and -0.0 equals 0.0, as in Spark's GROUP BY.

    Returns
    -------
    member : ndarray of int64, one for each row
        Number of its group.
    first : ndarray of int64, one for each group
        Its first row.

    Examples
    --------
    >>> member, first = group_rows([pa.array(["b", None, "b", None])])
    >>> member.tolist(), first.tolist()
    ([0, 1, 0, 1], [0, 1])
    """
    codes = np.zeros(len(keys[0]), dtype=np.int64)
    for column in keys:
        found = _codes(normalized(column))
        codes = codes * (int(found.max(initial=0)) + 1) + found
        # Dense again, so that many keys do not overflow.
        codes = np.unique(codes, return_inverse=True)[1].reshape(-1).astype(np.int64)
    _, first, member = np.unique(codes, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[member.reshape(-1)], first[order].astype(np.int64)


def normalized(column: pa.Array) -> pa.Array:
    """Decode dictionaries; give all NaNs one pattern of bits, and both zeros."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    if pa.types.is_floating(column.type):
        nan, zero = pa.scalar(float("nan"), column.type), pa.scalar(0.0, column.type)
        column = pc.if_else(pc.is_nan(column), nan, pc.add(column, zero))
    return column


def _codes(column: pa.Array) -> Places:
    try:
        encoded = column.dictionary_encode(null_encoding="encode")
    except pa.ArrowNotImplementedError:  # structs and lists
        places: dict[Any, int] = {}
        rows = (places.setdefault(_frozen(row), len(places)) for row in column.to_pylist())
        return np.fromiter(rows, dtype=np.int64, count=len(column))
    return np.asarray(encoded.indices, dtype=np.int64)


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple(_frozen(v) for v in value.values())
    if isinstance(value, list):
        return (list, *(_frozen(v) for v in value))
    return float if isinstance(value, float) and np.isnan(value) else value
