"""FlattenBatch on rows that no mini-batch transformer made: null lists, uneven ones, scalars."""

import pyarrow as pa
import pytest
from arrow_tables import LEAVES, LOCAL, kinds, same, tables
from hypothesis import given
from hypothesis import strategies as st

from irbis import FlattenBatch
from irbis.errors import ParamError, RowError, SchemaError
from irbis.http import flattening
from irbis.schema import ERROR, to_error

INTS = pa.list_(pa.int64())


def flat(table, **params):
    return FlattenBatch(**params).transform(table)


def rows(**columns):
    return pa.table(columns)


def test_what_is_no_list_is_repeated():
    table = rows(
        a=pa.array([[1, 2], [], [3]], INTS),
        text=["x", "y", None],
        answer=pa.array([{"p": 1.0}, {"p": 2.0}, None]),
    )
    assert flat(table).to_pydict() == {
        "a": [1, 2, 3],
        "text": ["x", "x", None],
        "answer": [{"p": 1.0}, {"p": 1.0}, None],
    }


def test_a_null_list_beside_others_is_null_in_each_row():
    table = rows(a=pa.array([[1, 2], [3]], INTS), b=pa.array([None, [4]], INTS))
    assert flat(table).to_pydict() == {"a": [1, 2, 3], "b": [None, None, 4]}


def test_a_row_without_any_list_stays():
    table = rows(a=pa.array([None, [1]], INTS), b=pa.array([None, None], INTS), id=[7, 8])
    assert flat(table).to_pydict() == {"a": [None, 1], "b": [None, None], "id": [7, 8]}


def test_empty_lists_are_no_rows():
    table = rows(a=pa.array([[], [1], []], INTS), b=pa.array([[], [2], None], INTS), id=[1, 2, 3])
    assert flat(table).to_pydict() == {"a": [1], "b": [2], "id": [2]}
    assert flat(table.slice(0, 1)).num_rows == 0


def test_every_kind_of_list_is_opened_one_level():
    table = rows(
        a=pa.array([[[1], None], [[2, 3]]], pa.list_(INTS)),
        large=pa.array([[1, 2], [3]], pa.large_list(pa.int8())),
    )
    assert flat(table).to_pydict() == {"a": [[1], None, [2, 3]], "large": [1, 2, 3]}
    fixed = rows(a=pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int8(), 2)), id=[1, 2, 3])
    assert flat(fixed).to_pydict() == {"a": [1, 2, None, 3, 4], "id": [1, 1, 2, 3, 3]}
    chosen = rows(a=pa.array([[1, 2]], INTS), whole=pa.array([[9, 9, 9]], INTS))
    assert flat(chosen, cols=["a"]).to_pydict() == {"a": [1, 2], "whole": [[9, 9, 9]] * 2}


UNEVEN = rows(
    a=pa.array([[1, 2, 3], [4], [5, 6]], INTS), b=pa.array([[1], [2], [3, 4]], INTS), id=[1, 2, 3]
)
FILLED = {
    "a": [1, 2, 3, 4, 5, 6],
    "b": [1, None, None, 2, 3, 4],
    "id": [1, 1, 1, 2, 3, 3],
}


def test_lists_of_unequal_length_raise_where_no_error_column_is():
    with pytest.raises(RowError, match="row 0: lengths: .*a 3, b 1.*errorCol"):
        flat(UNEVEN)
    named = UNEVEN.append_column("e", to_error([None] * 3))
    with pytest.raises(RowError):
        flat(named, errors="raise")


def test_lists_of_unequal_length_are_filled_and_marked():
    out = flat(UNEVEN, errorCol="wrong")
    assert out.drop_columns(["wrong"]).to_pydict() == FILLED
    found = out["wrong"].to_pylist()
    assert found[0] == {
        "kind": "lengths",
        "message": "lists of unequal length: a 3, b 1",
        "status": None,
        "attempts": None,
    }
    assert [e is not None for e in found] == [True] * 3 + [False] * 3


def test_the_error_goes_where_the_stage_between_put_its_own():
    errors = to_error([None, ("status", "404"), ("status", "500")])
    older = to_error([("decode", "no picture")] * 3)
    table = UNEVEN.append_column("older", older).append_column("output_error", errors)
    out = flat(table)
    assert out.column_names == table.column_names
    kinds_ = [e and e["kind"] for e in out["output_error"].to_pylist()]
    assert kinds_ == ["lengths"] * 3 + ["status"] * 3
    assert {e["kind"] for e in out["older"].to_pylist()} == {"decode"}
    first = table.set_column(4, "output_error", to_error([("timeout", "slow"), None, None]))
    assert flat(first)["output_error"].to_pylist()[0]["kind"] == "timeout"


def test_an_error_column_in_lists_is_of_the_rows_and_not_used():
    listed = pa.array([[None] * 3, [None], [None] * 2], pa.list_(ERROR))
    with pytest.raises(RowError):
        flat(UNEVEN.append_column("image_error", listed))


def test_a_named_column_is_replaced_where_it_stands():
    out = flat(UNEVEN, errorCol="id")
    assert out.column_names == ["a", "b", "id"]
    assert out.schema.field("id").type == ERROR
    with pytest.raises(ParamError, match="errorCol"):
        flat(UNEVEN, errorCol="b")


def test_nulls_are_declared_where_they_can_come():
    element = pa.field("element", pa.int64(), nullable=False)
    schema = pa.schema([pa.field("a", pa.list_(element), nullable=False)])
    table = pa.table({"a": [[1]]}, schema=schema)
    assert not flat(table).schema.field("a").nullable
    assert flat(table, errorCol="e").schema.field("a").nullable
    loose = pa.table({"a": [[1]]}, schema=pa.schema([pa.field("a", pa.list_(element))]))
    assert flat(loose).schema.field("a").nullable


def test_what_can_not_be_opened():
    with pytest.raises(SchemaError, match="no list among"):
        flat(rows(a=[1]))
    with pytest.raises(SchemaError, match="expected a list"):
        flat(rows(a=[1], b=[[1]]), cols=["a"])
    with pytest.raises(SchemaError, match="no column"):
        flat(rows(b=[[1]]), cols=["a"])
    with pytest.raises(ParamError):
        FlattenBatch(cols=[])


def by_hand(table, cols):
    """The rules, one row at a time."""
    for row in table.to_pylist():
        known = [len(row[c]) for c in cols if row[c] is not None]
        for at in range(max(known) if known else 1):
            yield {
                name: (value[at] if value is not None and at < len(value) else None)
                if name in cols
                else value
                for name, value in row.items()
            }


@st.composite
def lists_and_others(draw):
    def column(kind):
        type_, values = kind
        return pa.list_(type_), st.lists(st.none() | values, max_size=3)

    leaves = st.sampled_from([*LEAVES, *LOCAL])
    table = draw(tables(leaves.map(column), max_rows=6))
    cols = table.column_names
    other = draw(tables(kinds(*LEAVES), max_rows=0, max_columns=1)).schema.field(0).type
    return table.append_column("other", pa.nulls(table.num_rows, other)), cols


@given(lists_and_others(), st.integers(1, 4))
def test_any_rows_of_lists(given_, step):
    table, cols = given_
    before = flattening._ROWS
    flattening._ROWS = step
    try:
        out = flat(table, cols=cols, errorCol="wrong")
    finally:
        flattening._ROWS = before
    expected = list(by_hand(table, cols))
    assert repr(out.drop_columns(["wrong"]).to_pylist()) == repr(expected)


def test_what_is_repeated_comes_in_small_batches():
    table = rows(a=pa.array([list(range(100))] * 3, INTS), big=["x" * 1_000_000] * 3)
    stream = FlattenBatch().make_stream_function()
    found = list(stream(iter(table.to_batches())))
    assert max(b.nbytes for b in found) < 20 << 20
    assert [v for b in found for v in b.column("a").to_pylist()] == list(range(100)) * 3


def test_slices_are_read_from_where_they_begin():
    table = rows(a=pa.array([[0], None, [1, 2], [], [3]], INTS), id=[0, 1, 2, 3, 4])
    for start in range(5):
        whole = pa.Table.from_pylist(table.slice(start).to_pylist(), schema=table.schema)
        assert same(flat(table.slice(start)), flat(whole))
