"""Vectors in Arrow: Spark's VectorUDT struct and plain lists, to and from numpy.

All of it works on Arrow's buffers, never row by row: a vector column is one flat array of numbers
and where each row lies in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.schema import VECTOR, is_vector

__all__ = [
    "Ragged",
    "is_vector_like",
    "spans",
    "to_matrix",
    "to_ragged",
    "to_vectors",
    "vectors_of",
    "vectors_to_lists",
]

_DENSE = 1

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def is_vector_like(type_: pa.DataType) -> bool:
    """Whether a type holds one vector a row: VectorUDT's struct or a list of numbers."""
    if is_vector(type_):
        return True
    listy = pa.types.is_list(type_) or pa.types.is_large_list(type_)
    listy = listy or pa.types.is_fixed_size_list(type_)
    return bool(listy) and bool(
        pa.types.is_floating(type_.value_type) or pa.types.is_integer(type_.value_type)
    )


@dataclass(frozen=True)
class Ragged:
    """One vector a row, of any length: row i is ``values[starts[i] : starts[i] + lengths[i]]``.

    Parameters
    ----------
    values : ndarray of float64
        May be a read-only view of Arrow's memory.
    starts, lengths : ndarray of int64, shape (n,)
        A row that is not valid has length 0.
    valid : ndarray of bool, shape (n,)
        False where the vector is null.
    """

    values: Floats
    starts: Ints
    lengths: Ints
    valid: Flags

    def flat(self) -> Floats:
        """All rows, one after the other: a view where they already lie so."""
        held = self.lengths > 0
        starts, lengths = self.starts[held], self.lengths[held]
        if not len(starts):
            return np.zeros(0)
        if np.array_equal(starts[1:], (starts + lengths)[:-1]):
            return self.values[starts[0] : starts[-1] + lengths[-1]]
        return np.asarray(self.values[spans(starts, lengths)])


def spans(starts: Ints, lengths: Ints) -> Ints:
    """Positions of all items of several spans, in order.

    Examples
    --------
    >>> spans(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))


def to_ragged(vectors: pa.Array) -> Ragged:
    """Read a column of vectors, whatever their lengths.

    Parameters
    ----------
    vectors : pa.Array
        VECTOR (dense or sparse) or list of numbers; a missing number in a list is NaN.
    """
    if not is_vector(vectors.type):
        return _lists(vectors)
    valid = np.asarray(vectors.is_valid(), dtype=bool)
    # A struct's own nulls are not in its fields.
    dense = _lists(vectors.field("values"))
    valid = valid & dense.valid
    kinds = np.asarray(vectors.field("type").fill_null(_DENSE))
    sparse = valid & (kinds != _DENSE)
    if not sparse.any():
        return Ragged(dense.values, dense.starts, np.where(valid, dense.lengths, 0), valid)
    return _with_sparse(vectors, dense, valid, sparse)


def to_matrix(vectors: pa.Array, size: int | None = None) -> tuple[Floats, Flags]:
    """Read a column of vectors of one length.

    Parameters
    ----------
    vectors : pa.Array
        VECTOR (dense or sparse) or list of numbers.
    size : int, optional
        Length every vector must have; rows of another length count as invalid. Without it, the
        length of the first vector.

    Returns
    -------
    matrix : ndarray of float64, shape (k, d)
        The valid rows only; may be a read-only view of Arrow's memory.
    valid : ndarray of bool, shape (n,)

    Examples
    --------
    >>> to_matrix(pa.array([[1.0, 2.0], None, [3.0]]))
    (array([[1., 2.]]), array([ True, False, False]))
    """
    rows = to_ragged(vectors)
    if size is None:
        size = int(rows.lengths[rows.valid][0]) if rows.valid.any() else 0
    valid = rows.valid & (rows.lengths == size)
    chosen = Ragged(rows.values, rows.starts[valid], rows.lengths[valid], valid)
    return chosen.flat().reshape(int(valid.sum()), size), valid


def to_vectors(matrix: npt.NDArray[np.floating], valid: Flags) -> pa.Array:
    """Turn rows of a matrix into a VECTOR column.

    Parameters
    ----------
    matrix : ndarray of shape (k, d)
        One row for every True in `valid`, in order.
    valid : ndarray of bool, shape (n,)
        False where the vector is null.

    Returns
    -------
    pa.Array
        n dense vectors of float64.

    Examples
    --------
    >>> to_vectors(np.array([[1.0, 2.0]]), np.array([True, False])).to_pylist()[0]["values"]
    [1.0, 2.0]
    """
    k, d = matrix.shape
    assert k == int(valid.sum())
    flat = np.ascontiguousarray(matrix, dtype=np.float64).reshape(-1)
    return vectors_of(flat, np.where(valid, d, 0), valid)


def vectors_of(flat: Floats, lengths: Ints, valid: Flags) -> pa.Array:
    """Turn rows of any lengths, one after the other in `flat`, into a VECTOR column."""
    n = len(valid)
    values = pa.ListArray.from_arrays(
        _offsets(lengths), pa.array(flat), type=VECTOR.field("values").type
    )
    return pa.StructArray.from_arrays(
        [
            pa.array(np.full(n, _DENSE, dtype=np.int8)),
            pa.nulls(n, pa.int32()),
            pa.nulls(n, VECTOR.field("indices").type),
            values,
        ],
        fields=list(VECTOR.fields),
        mask=pa.array(~valid),
    )


def vectors_to_lists(vectors: pa.Array) -> pa.Array:
    """Turn VECTOR into lists of float64, null where the vector is null."""
    rows = to_ragged(vectors)
    return pa.ListArray.from_arrays(
        _offsets(rows.lengths),
        pa.array(rows.flat()),
        type=pa.list_(pa.float64()),
        mask=pa.array(~rows.valid),
    )


def _offsets(lengths: Ints) -> pa.Array:
    # The cast refuses what 32 bits can't hold.
    return pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)).cast(pa.int32())


def _numbers(values: pa.Array) -> Floats:
    # A null becomes NaN.
    return np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False))


def _lists(lists: pa.Array) -> Ragged:
    valid = np.asarray(lists.is_valid(), dtype=bool)
    if pa.types.is_fixed_size_list(lists.type):
        size = lists.type.list_size
        starts = (lists.offset + np.arange(len(lists), dtype=np.int64)) * size
        lengths = np.full(len(lists), size, dtype=np.int64)
    else:
        offsets = np.asarray(lists.offsets).astype(np.int64)
        starts, lengths = offsets[:-1], np.diff(offsets)
    # A null may lie over numbers.
    return Ragged(_numbers(lists.values), starts, np.where(valid, lengths, 0), valid)


def _with_sparse(vectors: pa.Array, values: Ragged, valid: Flags, sparse: Flags) -> Ragged:
    sizes = np.asarray(vectors.field("size").fill_null(0)).astype(np.int64)
    indices = _lists(vectors.field("indices"))
    at = indices.flat().astype(np.int64)
    row = np.repeat(np.arange(len(valid)), indices.lengths)
    # Spark makes no such vector; whoever does must not write into a neighbour's row.
    broken = np.zeros(len(valid), dtype=bool)
    broken[row[(at < 0) | (at >= sizes[row])]] = True
    broken |= indices.lengths != values.lengths
    sparse, valid = sparse & ~broken, valid & ~(sparse & broken)
    dense = valid & ~sparse
    lengths = np.where(sparse, sizes, np.where(dense, values.lengths, 0))
    starts = np.cumsum(lengths) - lengths
    out = np.zeros(int(lengths.sum()))
    out[spans(starts[dense], lengths[dense])] = values.values[
        spans(values.starts[dense], values.lengths[dense])
    ]
    mine = sparse[row]
    out[starts[row[mine]] + at[mine]] = values.values[
        spans(values.starts[sparse], values.lengths[sparse])
    ]
    return Ragged(out, starts, lengths, valid)
