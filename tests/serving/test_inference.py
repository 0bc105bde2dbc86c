"""The open inference protocol without a front: what it refuses, and what it makes of replies."""

import base64
import json

import pyarrow as pa
import pytest

from irbis.errors import ParamError, SchemaError
from irbis.http.reading import ParseError
from irbis.schema import IMAGE, VECTOR
from irbis.serving.inference import Inference
from irbis.serving.json_schema import sample, strictness
from irbis.serving.message import JSON, Reply, Request, problem
from irbis.serving.parse_types import parser_for
from irbis.serving.reply_maker import ReplyMaker
from irbis.serving.request_parser import ImageParser

ROW = pa.list_(pa.float64())


def infer(tensors, type_="v array<double>", reply=None, made=None, body=None):
    """The reply to tensors; `made` makes that to a value, which else comes back as JSON."""
    said = []

    def submit(value, request, respond):
        respond(Reply(200, json.dumps({"out": value}).encode(), JSON) if made is None else made)

    inference = Inference("m", parser_for(type_), reply or ReplyMaker("out", ROW), submit)
    body = json.dumps({"id": "7", "inputs": tensors}).encode() if body is None else body
    inference.infer(Request("POST", "/v2/models/m/infer", [], body), said.append)
    (reply,) = said
    return reply


def tensor(data, shape, name="v"):
    return {"name": name, "datatype": "FP64", "shape": shape, "data": data}


@pytest.mark.parametrize(
    ("tensors", "says"),
    [
        ("none", "$.inputs: expected an array of objects"),
        ([1], "$.inputs: expected an array of objects"),
        ([tensor([1], [1], "w")], "$.inputs[0].name: expected one of v"),
        ([tensor([1], [1], 3)], "$.inputs[0].name: expected one of v"),
        ([tensor("ab", [1])], "$.inputs[0].data: expected an array"),
        ([tensor([1], 1)], "$.inputs[0].shape: expected an array of whole numbers"),
        ([tensor([1], [True])], "$.inputs[0].shape: expected an array of whole numbers"),
        ([tensor([1], [-1])], "$.inputs[0].shape: expected an array of whole numbers"),
        ([tensor([1], [])], "$.inputs[0].shape: expected one or two dimensions"),
        ([tensor([1], [1, 1, 1])], "$.inputs[0].shape: expected one or two dimensions"),
        ([tensor([1, 2], [3])], "$.inputs[0].data: 2 elements do not fill the shape"),
        ([tensor([[1, 2], [3]], [2, 2])], "$.inputs[0].data: 2 elements do not fill the shape"),
        ([tensor([], [0])], "the same number of rows in each, 1 to"),
        ([], "the same number of rows in each, 1 to"),
    ],
)
def test_tensors_that_are_none(tensors, says):
    reply = infer(tensors)
    assert reply.status == 400
    assert says in json.loads(reply.body)["detail"]


def test_rows_that_do_not_go_together():
    reply = infer([tensor([1], [1], "a"), tensor([1, 2], [2], "b")], "a double, b double")
    assert "the same number of rows" in json.loads(reply.body)["detail"]
    assert infer(None, body=b"{").status == 400
    assert infer(None, body=b"[1]").status == 400


@pytest.mark.parametrize(
    ("data", "shape"), [([1, 2, 3, 4], [2, 2]), ([[1, 2], [3, 4]], [2, 2]), ([[1, 2], [3, 4]], [2])]
)
def test_flat_and_nested_rows_are_the_same_rows(data, shape):
    said = json.loads(infer([tensor(data, shape)], made=Reply(200, b'{"out":[1,2]}', JSON)).body)
    assert said["id"] == "7"
    assert said["outputs"] == [
        {"name": "out", "datatype": "FP64", "shape": [2, 2], "data": [1, 2, 1, 2]}
    ]


def test_one_fault_is_the_answer():
    bad = infer([tensor([[1], [2]], [2, 1])], made=problem(422, "no picture"))
    assert (bad.status, json.loads(bad.body)["detail"]) == (422, "no picture")


@pytest.mark.parametrize(
    ("type_", "reply", "kind", "data"),
    [
        (pa.string(), Reply(200, b"text"), "BYTES", "text"),
        (pa.binary(), Reply(200, b"\xff", "application/octet-stream"), "BYTES", "/w=="),
        (VECTOR, Reply(200, b'{"out":[0.5]}', JSON), "FP64", 0.5),
        (pa.int64(), Reply(200, b'{"out":3}', JSON), "INT64", 3),
        (pa.struct([("a", pa.int64())]), Reply(200, b'{"a":3}', JSON), "BYTES", '{"a": 3}'),
    ],
)
def test_every_kind_of_value_has_its_datatype(type_, reply, kind, data):
    said = infer([tensor([[1]], [1, 1])], reply=ReplyMaker("out", type_), made=reply)
    (out,) = json.loads(said.body)["outputs"]
    assert (out["datatype"], out["data"]) == (kind, [data])


def test_bytes_come_as_base64_and_text_as_text():
    seen = []

    def submit(value, request, respond):
        seen.append(value)
        respond(Reply(200, b"ok"))

    for type_, values in (("binary", ["/w==", 3, "%"]), ("string", ["grüße", 3, None])):
        for value in values:
            inference = Inference("m", parser_for(type_, "v"), ReplyMaker("v", pa.string()), submit)
            said, body = [], json.dumps({"inputs": [tensor([value], [1])]}).encode()
            inference.infer(Request("POST", "/", [], body), said.append)
            assert said[0].status == (200 if value == values[0] else 400)
    assert seen == [base64.b64decode("/w=="), "grüße"]


def test_who_goes_takes_all_its_rows_along():
    gone = []

    def submit(value, request, respond):
        return None if value == {"v": [1]} else lambda: gone.append(value["v"])

    inference = Inference("m", parser_for("v array<double>"), ReplyMaker("out", ROW), submit)
    body = json.dumps({"inputs": [tensor([[1], [2], [3]], [3, 1])]}).encode()
    cancel = inference.infer(Request("POST", "/", [], body), gone.append)
    cancel()
    assert len(gone) == 2


@pytest.mark.parametrize(
    "wrong", [3, "int", "array<int>", "struct<>", "no type at all", pa.null(), pa.schema([])]
)
def test_types_that_no_request_has(wrong):
    with pytest.raises(ParamError, match="parseRequest"):
        parser_for(wrong)
    with pytest.raises(ParamError, match="no outputCol"):
        parser_for("a int", "b")


def test_types_that_a_request_has():
    for named in ("image", IMAGE):
        assert isinstance(parser_for(named), ImageParser)
    for spelled in ("a int", pa.schema([("a", pa.int32())]), pa.struct([("a", pa.int32())])):
        assert [f.name for f in parser_for(spelled).fields] == ["a"]


def test_text_has_to_be_text_wherever_it_stands():
    type_ = pa.struct([("m", pa.map_(pa.string(), pa.list_(pa.string()))), ("n", pa.int64())])
    check = strictness(type_)
    for good in ({"m": {"a": ["x", None]}, "n": "3"}, {"m": None}, {"m": [3]}, None, []):
        check(good, "$")
    with pytest.raises(ParseError, match=r"\$\.m\.a\[1\]: expected a string"):
        check({"m": {"a": ["x", 3]}}, "$")
    assert strictness(pa.map_(pa.string(), pa.int64())) is None
    assert strictness(pa.struct([("n", pa.list_(pa.int64()))])) is None


def test_a_sample_of_every_type():
    assert sample(pa.map_(pa.string(), pa.int64())) == []
    assert sample(pa.binary()) == b""
    assert sample(pa.timestamp("us")) is None
    assert sample(pa.struct([("b", pa.bool_()), ("t", pa.string())])) == {"b": False, "t": ""}


def test_replies_that_can_t_be():
    with pytest.raises(ParamError, match="'PNG' or 'JPEG'"):
        ReplyMaker("a", IMAGE, "GIF")
    with pytest.raises(SchemaError, match="what JSON can write"):
        ReplyMaker("a", pa.duration("s"))
