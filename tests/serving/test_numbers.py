"""A network behind JSON: without Arrow between, the replies are the same to the byte."""

import math
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parents[1] / "model"))
from fronts import ask, front
from graphs import linear, tokens

from irbis import OnnxModel
from irbis.schema import VECTOR
from irbis.serving.compiling import compile_stages
from irbis.serving.json_columns import column_maker
from irbis.serving.message import Request
from irbis.serving.parse_types import parser_for
from irbis.serving.reply_values import rows_of

TYPES = ["x array<float>", "x array<double>"]


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    path = tmp_path_factory.mktemp("numbers") / "linear.onnx"
    path.write_bytes(linear())
    return str(path)


def served(network, type_, reply="out", **params):
    stage = OnnxModel(model=network, feedDict={"x": "x"}, fetchDict={"out": "logits"}, **params)
    parser = parser_for(type_)
    return parser, compile_stages([stage], parser, reply).served


ROWS = st.lists(st.floats(), min_size=3, max_size=3)
ODD = st.none() | st.lists(st.none() | st.floats(), max_size=4)


@given(
    st.sampled_from(TYPES),
    st.sampled_from([1, 2, 64]),
    st.lists(ROWS | ODD, min_size=1, max_size=5),
)
def test_the_same_replies_as_through_arrow(network, type_, size, rows):
    _, function = served(network, type_, batchSize=size)
    values, requests = [{"x": row} for row in rows], [Request("POST", "/", [])] * len(rows)
    found = function(values, requests)
    wanted = function._through_arrow(values, requests)
    assert [(r.status, r.type, r.body) for r in found] == [
        (r.status, r.type, r.body) for r in wanted
    ]


def test_numbers_take_the_short_way_and_nothing_else_does(network):
    _, function = served(network, TYPES[0])
    listed = function._numbers([{"x": [1.0, 2.0, 3.0]}, {"x": [0.0, 0.5, 1.0]}])
    assert [len(row) for row in listed] == [2, 2]
    for odd in ([1.0, None, 3.0], None, [1.0], []):
        assert function._numbers([{"x": odd}]) is None
        assert function._numbers([{"x": [1.0, 2.0, 3.0]}, {"x": odd}]) is None
    _, error = served(network, TYPES[0], "out_error")
    assert error._numbers is None
    assert served(network, "x array<int>")[1]._numbers is None


@pytest.mark.parametrize(
    ("output", "ids", "short"),
    [
        ("pooled", [[1.0, 2.0], [3.0, 4.0]], True),
        ("pooled", [[1.0, 2.0], [3.5, 4.0]], False),  # no whole number
        ("pooled", [[1.0, 2.0], [99.0, 4.0]], False),  # no row of the table: the network raises
        ("pooled", [[1.0, 2.0], [3.0]], False),
        ("last_hidden_state", [[1.0, 2.0], [3.0, 4.0]], False),  # lists of lists
    ],
)
def test_two_inputs_of_whole_numbers(tmp_path, output, ids, short):
    (tmp_path / "tokens.onnx").write_bytes(tokens())
    feeds = {"input_ids": "ids", "attention_mask": "mask"}
    path = str(tmp_path / "tokens.onnx")
    stage = OnnxModel(model=path, feedDict=feeds, fetchDict={"out": output})
    parser = parser_for("ids array<double>, mask array<float>")
    function = compile_stages([stage], parser, "out").served
    values = [{"ids": row, "mask": [1.0] * len(row)} for row in ids]
    requests = [Request("POST", "/", [])] * len(ids)
    assert ((function._numbers or (lambda _: None))(values) is not None) is short
    found, wanted = function(values, requests), function._through_arrow(values, requests)
    assert [(r.status, r.body) for r in found] == [(r.status, r.body) for r in wanted]
    assert found[0].status == 200


def test_it_is_so_over_http(network):
    parser, _ = served(network, TYPES[0])
    stage = OnnxModel(model=network, feedDict={"x": "x"}, fetchDict={"out": "logits"})
    with front([stage], parser, "out") as running:
        assert ask(running, body=b'{"x": [1, 2, 3]}').status == 200
        bad = ask(running, body=b'{"x": [1, 2]}')
        assert (bad.status, bad.json()["kind"]) == (422, "shape")


@given(
    st.sampled_from([pa.float32(), pa.float64(), pa.int32(), pa.string()]),
    st.lists(st.none() | st.lists(st.none() | st.floats(), max_size=4), max_size=4),
)
def test_columns_of_json_are_arrows_own(inner, values):
    type_ = pa.list_(inner)
    if not pa.types.is_floating(inner):
        values = [None if v is None else [] for v in values]
    found, wanted = column_maker(type_)(values), pa.array(values, type_)
    found.validate(full=True)
    assert found.type == wanted.type

    def plain(column):
        return [
            None if row is None else [None if v is None else math.isnan(v) or v.hex() for v in row]
            for row in column.to_pylist()
        ]

    assert plain(found) == plain(wanted)


def test_a_request_that_was_refused_has_no_values():
    columns, _ = parser_for("a double, x array<float>").columns([None, {"a": 1.0, "x": [2.0]}])
    assert [c.to_pylist() for c in columns] == [[None, 1.0], [None, [2.0]]]


@pytest.mark.parametrize("rows", [[[1.0], [2.0, 0.5], []], [[1.0], None, [0.1]], [[1.0], [None]]])
def test_values_of_lists_and_vectors_are_arrows_own(rows):
    lists = pa.array(rows, pa.list_(pa.float32()))
    assert rows_of(lists.type)(lists.slice(1)) == lists.slice(1).to_pylist()
    if None in rows or [None] in rows:
        return
    for kind in (1, 0):  # dense, sparse
        size = [3 * (1 - kind)] * len(rows)
        vectors = [
            {"type": kind, "size": n, "indices": [*range(len(row))], "values": row}
            for n, row in zip(size, rows, strict=True)
        ]
        found = rows_of(VECTOR)(pa.array(vectors, VECTOR).slice(1))
        zeros = [[0.0] * 3 * (1 - kind)] * len(rows)
        assert found == [row + z[len(row) :] for row, z in zip(rows, zeros, strict=True)][1:]
