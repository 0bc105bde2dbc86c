"""Groups of vectors: mean and maximum element by element, and each vector's vote."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from irbis.model.strategies import Places
from irbis.schema import VECTOR, is_vector
from irbis.vectors import vectors_to_lists

__all__ = ["combine_vectors", "lists_of", "votes"]

_LISTS = pa.list_(pa.float64())


def lists_of(values: pa.Array) -> pa.Array:
    """Vectors or lists of numbers as lists of doubles; a list with a null in it counts as null."""
    lists = vectors_to_lists(values) if is_vector(values.type) else values.cast(_LISTS)
    gaps = lists.flatten().is_null()
    if not pc.any(gaps).as_py():
        return lists
    broken = np.zeros(len(lists), dtype=bool)
    broken[pc.list_parent_indices(lists).filter(gaps).to_numpy()] = True
    return pc.if_else(pa.array(broken), pa.scalar(None, _LISTS), lists)


def combine_vectors(
    values: pa.Array, member: Places, count: int, strategy: str, *, vector: bool
) -> pa.Array:
    """Mean or maximum of the vectors of each group.

    Null for a group without one, and for a group whose vectors differ in length.

    Parameters
    ----------
    values : pa.Array
        From :func:`lists_of`.
    member : ndarray of int64
        Group of each row.
    count : int
        Number of groups.
    strategy : {"mean", "max"}
    vector : bool
        Whether the result is VECTOR, or lists of doubles.
    """
    sizes = np.full(count, -1, dtype=np.int64)  # -1: no vector, or of several lengths
    mixed = np.zeros(count, dtype=bool)
    parts: list[tuple[Places, npt.NDArray[np.float64]]] = []
    for size, rows, matrix in _by_length(values):
        of = member[rows]
        mixed[of[(sizes[of] >= 0)]] = True
        sizes[of] = size
        parts.append((of, matrix))
    sizes[mixed] = -1
    starts = np.concatenate([[0], np.cumsum(np.maximum(sizes, 0))])
    flat = np.zeros(int(starts[-1]))
    for of, matrix in parts:
        if mixed.any():
            keep = ~mixed[of]
            of, matrix = of[keep], matrix[keep]  # noqa: PLW2901
        groups, combined = _combined(matrix, of, strategy)
        flat[starts[groups][:, None] + np.arange(matrix.shape[1])] = combined
    return _column(starts, flat, sizes < 0, vector=vector)


def votes(values: pa.Array) -> pa.Array:
    """Index of the largest element of each list as a double; null for null and empty lists."""
    out, known = np.zeros(len(values)), np.zeros(len(values), dtype=bool)
    for size, rows, matrix in _by_length(values):
        if size:
            out[rows], known[rows] = matrix.argmax(axis=1), True
    return pa.array(out, mask=~known)


def _by_length(
    values: pa.Array,
) -> list[tuple[int, Places, npt.NDArray[np.float64]]]:
    """(length, rows, matrix of those rows) for every length there is."""
    lengths = pc.fill_null(pc.list_value_length(values), -1).to_numpy().astype(np.int64)
    flat = values.flatten().to_numpy()
    starts = np.cumsum(np.maximum(lengths, 0)) - np.maximum(lengths, 0)
    found = []
    for size in np.unique(lengths[lengths >= 0]).tolist():
        rows = np.flatnonzero(lengths == size)
        if len(rows) * size == len(flat):  # all of one length, the usual case: no copy
            matrix = flat.reshape(len(rows), size)
        else:
            matrix = flat[starts[rows][:, None] + np.arange(size)]
        found.append((size, rows, matrix))
    return found


def _combined(
    matrix: npt.NDArray[np.float64], member: Places, strategy: str
) -> tuple[Places, npt.NDArray[np.float64]]:
    groups, places = np.unique(member, return_inverse=True)
    if strategy == "max":
        largest = np.full((len(groups), matrix.shape[1]), -np.inf)
        np.maximum.at(largest, places, matrix)
        return groups, largest
    sums = np.zeros((len(groups), matrix.shape[1]))
    with np.errstate(invalid="ignore"):  # infinities of both signs: NaN, as in Spark
        np.add.at(sums, places, matrix)
    return groups, sums / np.bincount(places, minlength=len(groups))[:, None]


def _column(
    starts: Places, flat: npt.NDArray[np.float64], null: npt.NDArray[np.bool_], *, vector: bool
) -> pa.Array:
    offsets, mask = pa.array(starts.astype(np.int32)), pa.array(null)
    if not vector:
        return pa.ListArray.from_arrays(offsets, pa.array(flat), mask=mask)
    return pa.StructArray.from_arrays(
        [
            pa.array(np.ones(len(null), dtype=np.int8)),
            pa.nulls(len(null), pa.int32()),
            pa.nulls(len(null), VECTOR.field("indices").type),
            pa.ListArray.from_arrays(offsets, pa.array(flat), type=VECTOR.field("values").type),
        ],
        fields=list(VECTOR.fields),
        mask=mask,
    )
