"""Vectors in Arrow: Spark's VectorUDT struct and plain lists, to and from numpy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.schema import VECTOR, is_vector

__all__ = ["is_vector_like", "to_matrix", "to_vectors", "vectors_to_lists"]

_DENSE = 1


def is_vector_like(type_: pa.DataType) -> bool:
    """Whether a type holds one vector a row: VectorUDT's struct or a list of numbers."""
    if is_vector(type_):
        return True
    listy = pa.types.is_list(type_) or pa.types.is_large_list(type_)
    listy = listy or pa.types.is_fixed_size_list(type_)
    return bool(listy) and bool(
        pa.types.is_floating(type_.value_type) or pa.types.is_integer(type_.value_type)
    )


def to_vectors(matrix: npt.NDArray[np.floating], valid: npt.NDArray[np.bool_]) -> pa.Array:
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
    n, (k, d) = len(valid), matrix.shape
    flat = pa.array(np.ascontiguousarray(matrix, dtype=np.float64).reshape(-1))
    lengths = np.where(valid, d, 0)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
    assert k == int(valid.sum())
    value_field, index_field = VECTOR.field("values").type, VECTOR.field("indices").type
    values = pa.ListArray.from_arrays(offsets, flat, type=value_field)
    return pa.StructArray.from_arrays(
        [
            pa.array(np.full(n, _DENSE, dtype=np.int8)),
            pa.nulls(n, pa.int32()),
            pa.nulls(n, index_field),
            values,
        ],
        fields=list(VECTOR.fields),
        mask=pa.array(~valid),
    )


def to_matrix(
    vectors: pa.Array, size: int | None = None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Read a column of vectors.

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
        The valid rows only.
    valid : ndarray of bool, shape (n,)
    """
    if is_vector(vectors.type):
        rows = [_dense(v) for v in vectors.to_pylist()] if _any_sparse(vectors) else None
        lists = vectors.field("values")
        null = np.asarray(vectors.is_null(), dtype=bool)
    else:
        rows, lists = None, vectors
        null = np.zeros(len(vectors), dtype=bool)
    if rows is None:
        rows = [
            None if bad or not item.is_valid else np.asarray(item.values, dtype=np.float64)
            for bad, item in zip(null, lists, strict=True)
        ]
    if size is None:
        size = next((len(r) for r in rows if r is not None), 0)
    valid = np.array([r is not None and len(r) == size for r in rows], dtype=bool)
    good = [r for r, ok in zip(rows, valid, strict=True) if ok and r is not None]
    return (np.stack(good) if good else np.zeros((0, size))), valid


def vectors_to_lists(vectors: pa.Array) -> pa.Array:
    """Turn VECTOR into lists of float64, null where the vector is null."""
    if _any_sparse(vectors):
        rows = [_dense(v) for v in vectors.to_pylist()]
        return pa.array([None if r is None else r.tolist() for r in rows], pa.list_(pa.float64()))
    # flatten() pushes the vectors' own nulls down into the field.
    at = vectors.type.get_field_index("values")
    return vectors.flatten()[at].cast(pa.list_(pa.float64()))


def _any_sparse(vectors: pa.Array) -> bool:
    kinds = vectors.field("type")
    return any(k == 0 for k, ok in zip(kinds.to_pylist(), vectors.is_valid().to_pylist()) if ok)


def _dense(vector: dict[str, object] | None) -> npt.NDArray[np.float64] | None:
    if vector is None:
        return None
    values = np.asarray(vector["values"], dtype=np.float64)
    if vector["type"] == _DENSE:
        return values
    out = np.zeros(int(vector["size"]))  # type: ignore[call-overload]
    out[np.asarray(vector["indices"], dtype=np.int64)] = values
    return out
