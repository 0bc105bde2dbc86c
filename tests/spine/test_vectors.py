"""Vectors to numpy and back: the fast way over Arrow's buffers against the slow one, row by row."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis.schema import VECTOR
from irbis.vectors import (
    is_vector_like,
    to_matrix,
    to_ragged,
    to_vectors,
    vectors_of,
    vectors_to_lists,
)

number = st.floats(-1e3, 1e3)
size = st.integers(0, 4)


@st.composite
def dense(draw):
    return {"type": 1, "size": None, "indices": None, "values": draw(st.lists(number, max_size=4))}


@st.composite
def sparse(draw):
    n = draw(size)
    indices = sorted(draw(st.sets(st.integers(0, n - 1)))) if n else []
    return {"type": 0, "size": n, "indices": indices, "values": [draw(number) for _ in indices]}


def arrays(of, type_):
    """Columns with nulls, sometimes a slice of a longer one."""
    rows = st.lists(st.one_of(st.none(), of), max_size=7).map(lambda r: pa.array(r, type_))
    return st.tuples(rows, st.integers(0, 3), st.integers(0, 7)).map(lambda t: t[0].slice(*t[1:]))


LISTS = [pa.list_(pa.float64()), pa.list_(pa.float32()), pa.large_list(pa.int64())]
columns = st.one_of(
    arrays(dense(), VECTOR),
    arrays(sparse(), VECTOR),
    arrays(st.one_of(dense(), sparse()), VECTOR),
    *[arrays(st.lists(st.integers(-9, 9), max_size=4), t) for t in LISTS],
    arrays(st.lists(number, min_size=3, max_size=3), pa.list_(pa.float64(), 3)),
)


def slowly(value):
    if value is None or isinstance(value, list):
        return value
    if value["type"] == 1:
        return value["values"]
    out = [0.0] * value["size"]
    for at, number_ in zip(value["indices"], value["values"]):
        out[at] = number_
    return out


@given(columns, st.one_of(st.none(), size))
def test_to_matrix(column, wanted):
    rows = [slowly(v) for v in column.to_pylist()]
    first = next((len(r) for r in rows if r is not None), 0)
    given_size = first if wanted is None else wanted
    matrix, valid = to_matrix(column, wanted)
    good = [r is not None and len(r) == given_size for r in rows]
    assert valid.tolist() == good
    assert matrix.dtype == np.float64
    assert matrix.shape == (sum(good), given_size)
    assert matrix.tolist() == [r for r, ok in zip(rows, good) if ok]


@given(columns)
def test_ragged_and_back(column):
    rows = [slowly(v) for v in column.to_pylist()]
    ragged = to_ragged(column)
    assert ragged.lengths.tolist() == [len(r or []) for r in rows]
    vectors = vectors_of(ragged.flat(), ragged.lengths, ragged.valid)
    assert vectors.type == VECTOR
    assert [slowly(v) for v in vectors.to_pylist()] == rows
    again = to_ragged(vectors)
    assert again.flat().tolist() == ragged.flat().tolist()


@given(arrays(st.one_of(dense(), sparse()), VECTOR))
def test_vectors_to_lists(column):
    lists = vectors_to_lists(column)
    assert lists.type == pa.list_(pa.float64())
    assert lists.to_pylist() == [slowly(v) for v in column.to_pylist()]


@given(st.lists(st.one_of(st.none(), st.lists(number, min_size=2, max_size=2)), max_size=6))
def test_to_vectors(rows):
    valid = np.array([r is not None for r in rows], dtype=bool)
    matrix = np.array([r for r in rows if r is not None], dtype=float).reshape(-1, 2)
    assert [slowly(v) for v in to_vectors(matrix, valid).to_pylist()] == rows
    assert np.array_equal(to_matrix(to_vectors(matrix, valid), 2)[0], matrix)


def test_a_null_over_numbers_is_a_null():
    lists = pa.ListArray.from_arrays(
        pa.array([0, 2, 4], pa.int32()), pa.array([1.0, 2, 3, 4]), mask=pa.array([True, False])
    )
    matrix, valid = to_matrix(lists)
    assert (matrix.tolist(), valid.tolist()) == ([[3.0, 4.0]], [False, True])
    fields = [pa.array([1, 1], pa.int8()), pa.nulls(2, pa.int32())]
    fields += [pa.nulls(2, VECTOR.field("indices").type), lists.cast(VECTOR.field("values").type)]
    fields[3] = pa.array([[1.0, 2.0], [3.0, 4.0]], VECTOR.field("values").type)
    masked = pa.StructArray.from_arrays(
        fields, fields=list(VECTOR.fields), mask=pa.array([False, True])
    )
    assert to_matrix(masked)[0].tolist() == [[1.0, 2.0]]
    assert vectors_to_lists(masked).to_pylist() == [[1.0, 2.0], None]


def test_a_missing_number_is_nan():
    matrix, valid = to_matrix(pa.array([[1.0, None]], pa.list_(pa.float64())))
    assert np.isnan(matrix[0, 1])
    assert valid.tolist() == [True]


def test_a_broken_sparse_vector_is_invalid_and_harms_no_other():
    good = {"type": 0, "size": 2, "indices": [1], "values": [5.0]}
    column = pa.array(
        [good, {**good, "indices": [2]}, {**good, "indices": [-1]}, {**good, "indices": []}, good],
        VECTOR,
    )
    matrix, valid = to_matrix(column)
    assert valid.tolist() == [True, False, False, False, True]
    assert matrix.tolist() == [[0.0, 5.0], [0.0, 5.0]]
    assert vectors_to_lists(column).to_pylist() == [[0.0, 5.0], None, None, None, [0.0, 5.0]]


def test_dense_rows_are_not_copied():
    flat = np.arange(6.0)
    vectors = to_vectors(flat.reshape(3, 2), np.ones(3, dtype=bool))
    assert np.shares_memory(to_matrix(vectors)[0], flat)
    assert to_matrix(vectors[1:])[0].tolist() == [[2.0, 3.0], [4.0, 5.0]]


@pytest.mark.parametrize(
    ("type_", "yes"),
    [
        (VECTOR, True),
        (pa.list_(pa.int8()), True),
        (pa.list_(pa.string()), False),
        (pa.int8(), False),
    ],
)
def test_is_vector_like(type_, yes):
    assert is_vector_like(type_) is yes
