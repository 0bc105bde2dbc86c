"""A column whose rows have one shape is one array: no Python by the row, the same numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.model.onnx_columns import OnnxRowError, cast_to, shape_for
from irbis.model.onnx_ports import Port
from irbis.schema import is_vector
from irbis.vectors import vectors_to_lists

__all__ = ["Block", "from_block", "join_blocks", "same_bytes", "shaped", "slices", "to_block"]

Block = npt.NDArray[Any]


def to_block(column: pa.Array, port: Port) -> Block | None:
    """Make the input of all rows at once; None unless each row is good and all have one shape.

    What it returns has the bits that :func:`irbis.model.onnx_columns.to_rows` gives row by row.
    """
    if is_vector(column.type):
        column = vectors_to_lists(column)
    # Nested lists go row by row: their numbers take the way through Python's there.
    if not _is_flat_list(column.type) or column.null_count or not len(column):
        return None
    count, flat = len(column), _leaves(column)
    length, rest = divmod(len(flat), count)
    if rest or flat.null_count or not _alike(column, length):
        return None
    numbers = flat.to_numpy(zero_copy_only=False)
    try:
        return shaped(numbers.reshape((count, length)), port)
    except OnnxRowError:  # said row by row, of which some may be good
        return None


def shaped(rows: Block, port: Port) -> Block:
    """Make an input of rows of flat numbers.

    Raises
    ------
    OnnxRowError
        If they can't be that input.
    """
    return cast_to(rows.reshape((len(rows), *shape_for(rows.shape[1:], port))), port)


def _is_flat_list(type_: pa.DataType) -> bool:
    kinds = pa.types
    if not (kinds.is_list(type_) or kinds.is_fixed_size_list(type_) or kinds.is_large_list(type_)):
        return False
    return not kinds.is_nested(type_.value_type)


def _leaves(column: pa.Array) -> pa.Array:
    if not pa.types.is_list(column.type):
        return column.flatten()
    # flatten() is a compute function, which costs a request alone some 12 us more.
    bounds, leaves = column.offsets.to_numpy(), column.values
    start, end = int(bounds[0]), int(bounds[-1])
    return leaves if end - start == len(leaves) else leaves.slice(start, end - start)


def _alike(column: pa.Array, length: int) -> bool:
    if len(column) == 1 or pa.types.is_fixed_size_list(column.type):
        return True
    return bool((np.diff(np.asarray(column.offsets)) == length).all())


def slices(blocks: dict[str, Block], size: int) -> Iterator[dict[str, Block]]:
    """Cut into parts of at most `size` rows, as neighbours of one shape are cut."""
    count = len(next(iter(blocks.values())))
    if count <= size:
        yield blocks
        return
    for start in range(0, count, size):
        yield {name: block[start : start + size] for name, block in blocks.items()}


def join_blocks(parts: Sequence[Any], port: Port) -> Block | None:
    """Put the outputs of all parts into one array; None if their rows are not of one shape."""
    rank = None if port.shape is None else len(port.shape) + 1
    shapes = {p.shape[1:] if isinstance(p, np.ndarray) and p.ndim else None for p in parts}
    if port.key is not None or len(shapes) != 1 or None in shapes:
        return None
    if rank is not None and parts[0].ndim != rank:
        return None
    joined: Block = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return joined.reshape(len(joined), -1) if rank is None and len(joined) else joined


def from_block(block: Block, port: Port) -> pa.Array:
    """Make a column of ``port.column_type()`` of rows of one shape, none of them null."""
    leaves = block.reshape(-1)
    if same_bytes(block, port):
        flat = pa.Array.from_buffers(port.arrow, len(leaves), [None, pa.py_buffer(leaves)])
    else:
        flat = pa.array(leaves.tolist() if leaves.dtype == object else leaves).cast(port.arrow)
    for level in range(block.ndim - 1, 0, -1):
        lists = math.prod(block.shape[:level])
        make = _few_offsets if lists <= _FEW else _offsets
        flat = pa.ListArray.from_arrays(make(lists, block.shape[level]), flat)
    return flat


# Numbers that Arrow and numpy keep in the same bytes.
_PLAIN = {
    np.dtype(t.to_pandas_dtype()): t
    for t in (pa.float32(), pa.float64(), pa.int8(), pa.int16(), pa.int32(), pa.int64())
}
_FEW = 64


def same_bytes(block: Block, port: Port) -> bool:
    """Whether the column of a port keeps the numbers of an output as they are."""
    return bool(_PLAIN.get(block.dtype) == port.arrow)


def _offsets(lists: int, length: int) -> pa.Array:
    return pa.array(np.arange(lists + 1, dtype=np.int32) * np.int32(length))


# A service makes the same few again and again.
_few_offsets = lru_cache(maxsize=128)(_offsets)
