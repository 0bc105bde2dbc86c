"""Sparse vectors as they are: what hashed words make has 262,144 places, of which a text fills a few."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.adapters.adapter import Flags, Matrix, weighted_sums
from irbis.schema import VECTOR, is_vector
from irbis.vectors import spans, to_matrix, to_ragged

__all__ = ["Entries", "counted", "entries", "is_sparse", "sparse_vectors", "vector_sums"]

_SPARSE = 0
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Entries:
    """What sparse vectors hold, one after the other.

    Parameters
    ----------
    index, value : ndarray, shape (entries,)
    lengths : ndarray of int64, shape (n,)
        Entries of each vector; 0 where it is not valid.
    valid : ndarray of bool, shape (n,)
        False for a null, and for a vector of another size.
    """

    index: Ints
    value: Matrix
    lengths: Ints
    valid: Flags


def sparse_vectors(found: Entries, size: int) -> pa.Array:
    """Make a VECTOR column of sparse vectors of one size."""
    n = len(found.valid)
    offsets = pa.array(np.concatenate([[0], np.cumsum(found.lengths)]).astype(np.int32))
    index, value = pa.array(found.index.astype(np.int32)), pa.array(found.value)
    return pa.StructArray.from_arrays(
        [
            pa.array(np.full(n, _SPARSE, dtype=np.int8)),
            pa.array(np.full(n, size, dtype=np.int32)),
            pa.ListArray.from_arrays(offsets, index, type=VECTOR.field("indices").type),
            pa.ListArray.from_arrays(offsets, value, type=VECTOR.field("values").type),
        ],
        fields=list(VECTOR.fields),
        mask=pa.array(~found.valid),
    )


def counted(rows: list[dict[int, float] | None], size: int) -> pa.Array:
    """Make sparse vectors of places and their counts."""
    ordered = [sorted(row.items()) if row else [] for row in rows]
    flat = [entry for row in ordered for entry in row]
    found = Entries(
        index=np.array([at for at, _ in flat], dtype=np.int64),
        value=np.array([count for _, count in flat], dtype=np.float64),
        lengths=np.array([len(row) for row in ordered], dtype=np.int64),
        valid=np.array([row is not None for row in rows], dtype=bool),
    )
    return sparse_vectors(found, size)


def is_sparse(vectors: pa.Array) -> Flags:
    """Which rows hold a sparse vector."""
    if not is_vector(vectors.type):
        return np.zeros(len(vectors), dtype=bool)
    kinds = np.asarray(vectors.field("type").fill_null(1)) == _SPARSE
    return np.asarray(kinds & np.asarray(vectors.is_valid(), dtype=bool))


def entries(vectors: pa.Array, size: int) -> Entries:
    """Read a column in which every vector is sparse or null."""
    index, value = to_ragged(vectors.field("indices")), to_ragged(vectors.field("values"))
    sizes = np.asarray(vectors.field("size").fill_null(-1))
    valid = np.asarray(vectors.is_valid(), dtype=bool) & (sizes == size)
    valid &= index.lengths == value.lengths
    flat = index.flat().astype(np.int64)
    # Spark makes no such vector; whoever does must not be read beyond the end.
    row = np.repeat(np.arange(len(valid)), index.lengths)
    valid[row[(flat < 0) | (flat >= size)]] = False
    lengths = np.where(valid, value.lengths, 0)
    return Entries(
        index.values[spans(index.starts, lengths)].astype(np.int64),
        np.asarray(value.values[spans(value.starts, lengths)]),
        lengths,
        valid,
    )


def vector_sums(vectors: pa.Array, weights: Matrix) -> tuple[Matrix, Flags]:
    """Weighted sums of each vector, one column for each row of `weights`; sparse ones stay sparse.

    Parameters
    ----------
    vectors : pa.Array
        VECTOR or list of numbers.
    weights : ndarray of float64, shape (k, size)

    Returns
    -------
    sums : ndarray of float64, shape (valid rows, k)
    valid : ndarray of bool, shape (n,)
        False for a null, and for a vector of another size.
    """
    size = weights.shape[1]
    sparse = is_sparse(vectors)
    if not sparse.any():
        x, valid = to_matrix(vectors, size)
        return weighted_sums(x, weights), valid
    found = entries(vectors.filter(pa.array(sparse)), size)
    x, dense = to_matrix(vectors.filter(pa.array(~sparse)), size)
    valid = np.empty(len(vectors), dtype=bool)
    valid[sparse], valid[~sparse] = found.valid, dense
    sums = np.zeros((len(vectors), len(weights)))
    sums[np.flatnonzero(~sparse)[dense]] = weighted_sums(x, weights)
    row = np.repeat(np.flatnonzero(sparse), found.lengths)
    with np.errstate(invalid="ignore", over="ignore"):
        for at, w in enumerate(weights):  # in the order they are held: the same bits in any batch
            sums[:, at] += np.bincount(row, found.value * w[found.index], len(vectors))
    return sums[valid], valid
