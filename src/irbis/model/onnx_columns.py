"""Columns to a graph's tensors and back, row by row: every row keeps its own shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.errors import SchemaError
from irbis.model.onnx_ports import Port
from irbis.schema import VECTOR, is_vector
from irbis.vectors import vectors_to_lists

__all__ = [
    "OnnxRowError",
    "cast_to",
    "check_column",
    "from_rows",
    "ragged_vectors",
    "shape_for",
    "to_rows",
]

Array = npt.NDArray[Any]


class OnnxRowError(ValueError):
    """What is wrong with one row; becomes its error.

    Parameters
    ----------
    kind : {"null", "shape", "value", "model"}
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def check_column(field: pa.Field, port: Port) -> None:
    """Check early that a column's type can be what an input wants.

    Raises
    ------
    SchemaError
        If no row of that type could ever do.
    """
    leaf = field.type
    while _is_list(leaf):
        leaf = leaf.value_type
    if is_vector(leaf):
        leaf = pa.float64()
    strings = pa.types.is_string(leaf) or pa.types.is_large_string(leaf)
    numbers = pa.types.is_integer(leaf) or pa.types.is_floating(leaf) or pa.types.is_boolean(leaf)
    if strings if port.dtype == "object" else numbers:
        return
    wanted = "text" if port.dtype == "object" else "numbers"
    raise SchemaError(
        f"{field.name}: {field.type} for the input {port.name!r}",
        expected=f"{wanted}, a vector or (nested) lists of {wanted} for {port.dtype}{_dims(port)}",
    )


def to_rows(column: pa.Array, port: Port) -> list[Array | OnnxRowError]:
    """Make the input of each row, with a batch dimension of one.

    A list of lists is taken as the shape it has. A flat list or a vector is reshaped to the input's
    shape, of which one dimension may be open.
    """
    if is_vector(column.type):
        column = vectors_to_lists(column)
    return [_guarded(item, port) for item in column]


def _guarded(item: pa.Scalar, port: Port) -> Array | OnnxRowError:
    try:
        return _row(item, port)
    except OnnxRowError as problem:
        return problem


def _row(item: pa.Scalar, port: Port) -> Array:
    if not item.is_valid:
        raise OnnxRowError("null", f"null for the input {port.name!r}")
    if _is_list(item.type) and not _is_list(item.type.value_type):
        if item.values.null_count:
            raise OnnxRowError("null", f"a null within the input {port.name!r}")
        found = np.asarray(item.values)
    else:
        try:
            found = np.array(item.as_py())
        except ValueError:  # lists of unequal length
            found = np.array(None)
        if found.dtype == object:
            raise OnnxRowError("shape", f"lists of unequal length or nulls in {port.name!r}")
    return cast_to(found.reshape(shape_for(found.shape, port)), port)[None]


def shape_for(found: tuple[int, ...], port: Port) -> tuple[int, ...]:
    """Shape that a row of the shape `found` takes for an input.

    Raises
    ------
    OnnxRowError
        If it can't be that input.
    """
    wanted = port.shape
    if wanted is None or _fits(found, wanted):
        return found
    # A flat list holds the numbers of any shape; a number alone is a row of one.
    if len(found) <= 1:
        size = math.prod(found)
        opened = [d for d in wanted if d is None]
        rest = math.prod(d for d in wanted if d is not None)
        if not opened and size == rest:
            return tuple(int(d or 0) for d in wanted)
        if len(opened) == 1 and rest and size % rest == 0:
            return tuple(size // rest if d is None else d for d in wanted)
    raise OnnxRowError(
        "shape", f"{list(found)} values for the input {port.name!r} of shape{_dims(port)}"
    )


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(w in (None, s) for s, w in zip(shape, wanted))


def cast_to(found: Array, port: Port) -> Array:
    """Make numbers of an input's type.

    Raises
    ------
    OnnxRowError
        If one of them would become another number.
    """
    if port.dtype == "object":
        return found.astype(object)
    dtype = np.dtype(port.dtype)
    if found.dtype == dtype:
        return found
    with np.errstate(invalid="ignore", over="ignore"):
        cast = found.astype(dtype)
    # A number that an integer input can't hold must not become another number.
    if dtype.kind in "iub" and not np.array_equal(cast.astype(found.dtype), found):
        raise OnnxRowError("value", f"values that {port.dtype} of input {port.name!r} can't hold")
    return cast


def from_rows(rows: Sequence[Any], port: Port) -> pa.Array:
    """Make a column of ``port.column_type()``.

    Parameters
    ----------
    rows : sequence of (ndarray or dict or None)
        An output of each row without its batch dimension; None where there is none.
    """
    if port.key is not None:
        return pa.array([r if r is None else list(r.items()) for r in rows], port.column_type())
    rank = 1 if port.shape is None else len(port.shape)
    arrays = [None if r is None else _flat(np.asarray(r), port) for r in rows]
    valid = np.array([a is not None for a in arrays], dtype=bool)
    good = [a for a in arrays if a is not None]
    if rank == 0:
        scalars = [None if a is None else a.item() for a in arrays]
        return pa.array(scalars, port.arrow)
    leaves = [a.reshape(-1) for a in good]
    joined = np.concatenate(leaves) if leaves else np.zeros(0, dtype=np.dtype(port.dtype))
    flat = pa.array(joined.tolist() if joined.dtype == object else joined).cast(port.arrow)
    # From the innermost lists outwards: how many there are, and how long each is.
    for level in range(rank - 1, 0, -1):
        lengths = [np.full(math.prod(a.shape[:level]), a.shape[level]) for a in good]
        flat = pa.ListArray.from_arrays(_offsets(lengths), flat)
    outer = np.zeros(len(rows), dtype=np.int64)
    outer[valid] = [a.shape[0] for a in good]
    return pa.ListArray.from_arrays(_offsets([outer]), flat, mask=pa.array(~valid))


def ragged_vectors(rows: Sequence[Array | None]) -> pa.Array:
    """Make dense vectors of rows whose lengths may differ; null where there is None."""
    port = Port("", "tensor", "float64", pa.float64(), (None,), None)
    lists = from_rows(rows, port)
    count = len(rows)
    return pa.StructArray.from_arrays(
        [
            pa.array(np.ones(count, dtype=np.int8)),
            pa.nulls(count, pa.int32()),
            pa.nulls(count, VECTOR.field("indices").type),
            pa.ListArray.from_arrays(
                lists.offsets, lists.values.cast(pa.float64()), type=VECTOR.field("values").type
            ),
        ],
        fields=list(VECTOR.fields),
        mask=lists.is_null(),
    )


def _flat(array: Array, port: Port) -> Array:
    if port.shape is None:
        return array.reshape(-1)
    if array.ndim != len(port.shape):
        raise OnnxRowError(
            "shape", f"output {port.name!r} of shape {list(array.shape)}, declared{_dims(port)}"
        )
    return array


def _offsets(lengths: Sequence[Array]) -> pa.Array:
    joined = np.concatenate([np.zeros(1, np.int64), *lengths])
    return pa.array(np.cumsum(joined).astype(np.int32))


def _is_list(type_: pa.DataType) -> bool:
    listy = pa.types.is_list(type_) or pa.types.is_large_list(type_)
    return bool(listy or pa.types.is_fixed_size_list(type_))


def _dims(port: Port) -> str:
    if port.shape is None:
        return " of any shape"
    return f" [{', '.join('?' if d is None else str(d) for d in port.shape)}]"
