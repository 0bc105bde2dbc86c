"""SimpleHTTPTransformer and parsers: the deck's snippet, SynapseML's suites, bad input."""

import math

import pyarrow as pa
import pytest

from irbis import (
    CustomInputParser,
    CustomOutputParser,
    HTTPRequest,
    HTTPTransformer,
    JSONInputParser,
    JSONOutputParser,
    PipelineModel,
    SimpleHTTPTransformer,
    StringOutputParser,
)
from irbis.errors import ParamError, RowError, SchemaError
from irbis.http.messages import write_requests
from irbis.testing import Reply

TEN = pa.table({"data": range(1, 11)})


def simple(url, **params):
    parser = JSONOutputParser(dataType="blah string")
    made = SimpleHTTPTransformer(inputCol="data", outputCol="results", outputParser=parser)
    return made.setUrl(url).setParams(backoff=0.0, **params)


def test_each_row_is_answered(service):
    url = service.script("/foo", Reply(body={"blah": "more blah"}))
    for changes in ({}, {"concurrency": 3}, {"handler": "basic"}):
        out = simple(url, **changes).transform(TEN)
        assert out.column_names == ["data", "results", "results_error"]
        assert out["results"].to_pylist() == [{"blah": "more blah"}] * 10
        assert out["results_error"].null_count == 10


def test_a_flaky_connection(service):
    def flaky(seen):
        first = service.count("/flaky") % 2 == 1
        return Reply(how="close") if first else Reply(body={"blah": "after all"})

    url = service.script("/flaky", flaky)
    out = simple(url, retryMethods=["POST"], concurrency=1).transform(TEN)
    assert out["results"].to_pylist() == [{"blah": "after all"}] * 10


def test_structs_and_arrays_are_sent_as_they_are(service):
    kinds = {
        "struct": (pa.array([{"a": 1, "b": None}]), '{"a":1,"b":null}'),
        "list": (pa.array([[1, 2]]), "[1,2]"),
        "large": (pa.array([[1]], pa.large_list(pa.int32())), "[1]"),
        "text": (pa.array(["x"]), '{"data":"x"}'),
        "bytes": (pa.array([b"abc"]), '{"data":"YWJj"}'),
        "map": (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int32())), '{"data":{"k":1}}'),
    }
    for values, body in kinds.values():
        out = simple(service.url).setOutputParser(JSONOutputParser(dataType="body string"))
        assert out.transform(pa.table({"data": values}))["results"].to_pylist() == [{"body": body}]


def test_bad_input_is_an_error_row(service):
    table = pa.table({"data": [1.0, None, math.nan]})
    out = simple(service.url + "/bad").transform(table)
    kinds = [e and e["kind"] for e in out["results_error"].to_pylist()]
    assert kinds == [None, "null", "request"]
    assert service.count("/bad") == 1
    requests = [
        None,
        HTTPRequest("GET", "nowhere"),
        HTTPRequest("BREW", service.url),
        HTTPRequest("GET", service.url, (), b"body"),
    ]
    out = HTTPTransformer().transform(pa.table({"request": write_requests(requests)}))
    errors = out["response_error"].to_pylist()
    assert [(e["kind"], e["attempts"]) for e in errors] == [("null", 0)] + [("request", 0)] * 3
    assert out["response"].null_count == 4


def test_bad_answers_are_error_rows(service):
    bodies = [Reply(body=b"{"), Reply(body={"blah": [1]}), Reply(body=[]), Reply(body=b"null")]
    url = service.script("/answers", *bodies)
    out = simple(url, concurrency=1).transform(TEN.slice(0, 4))
    assert out["results"].to_pylist() == [None, {"blah": "[1]"}, None, None]
    errors = out["results_error"].to_pylist()
    assert [e and (e["kind"], e["status"], e["attempts"]) for e in errors] == [
        ("parse", 200, 1), None, ("parse", 200, 1), None,
    ]  # fmt: skip
    url = service.script("/teapot", Reply(418, "short and stout"))
    error = simple(url).transform(TEN.slice(0, 1))["results_error"][0].as_py()
    assert error == {
        "kind": "status", "message": "418 I'm a Teapot: short and stout", "status": 418, "attempts": 1,
    }  # fmt: skip


def test_raising_names_the_row(service):
    url = service.script("/raise", Reply(404, "a private matter"))
    stage = simple(url, errors="raise", errorCol=None)
    with pytest.raises(RowError, match="row 0: status: 404 Not Found") as caught:
        stage.transform(TEN)
    assert "private" not in str(caught.value)


def test_text_answers(service):
    stage = SimpleHTTPTransformer(
        inputParser=CustomInputParser(udf=lambda path: path and HTTPRequest("GET", path)),
        outputParser=StringOutputParser(),
    )
    plain = {"Content-Type": "text/plain; charset=latin-1"}
    urls = [
        service.script("/latin", Reply(body=b"caf\xe9", headers=plain)),
        service.script("/utf", Reply(body="café")),
        service.script("/broken", Reply(body=b"\xff")),
        service.script(
            "/unknown", Reply(body="x", headers={"Content-Type": "text/plain; charset=klingon"})
        ),
        None,
    ]
    out = stage.transform(pa.table({"input": urls}))
    assert out["output"].to_pylist() == ["café", "café", None, None, None]
    kinds = [e and e["kind"] for e in out["output_error"].to_pylist()]
    assert kinds == [None, None, "parse", "parse", "null"]


def test_functions_of_the_users(service):
    requests = pytest.importorskip("requests")

    def ask(value):
        return requests.Request("PUT", f"{service.url}/udf/{value}", json={"v": 1 / (value - 3)})

    stage = SimpleHTTPTransformer(
        inputCol="data",
        inputParser=CustomInputParser().setUDF(ask),
        outputParser=CustomOutputParser(dataType="struct<path:string,n:int>").setUDF(
            lambda answer: (
                {"path": answer.json()["path"], "n": 10 // (answer.attempts - 1)}
                if answer.json()["path"].endswith("2")
                else {"path": answer.json()["path"], "n": answer.attempts}
            )
        ),
    )
    out = stage.transform(TEN.slice(0, 3))
    assert out["output"].to_pylist() == [{"path": "/udf/1", "n": 1}, None, None]
    messages = [e and (e["kind"], e["message"]) for e in out["output_error"].to_pylist()]
    assert messages == [
        None,
        ("parse", "the output parser raised ZeroDivisionError"),
        ("request", "the input parser raised ZeroDivisionError"),
    ]


def test_parsers_are_stages_too(service):
    url = service.script("/parsers", Reply(body={"foo": "here"}))
    model = PipelineModel(
        [
            JSONInputParser().setInputCol("data").setOutputCol("asked").setUrl(url),
            HTTPTransformer(inputCol="asked", outputCol="answered"),
            JSONOutputParser()
            .setDataType(pa.schema([("foo", pa.string())]))
            .setInputCol("answered"),
        ]
    )
    out = model.transform(TEN)
    assert out["output"].to_pylist() == [{"foo": "here"}] * 10


def test_mistakes_are_early():
    with pytest.raises(ParamError, match="outputParser"):
        SimpleHTTPTransformer(url="http://x/").transform(TEN.rename_columns(["input"]))
    with pytest.raises(ParamError, match="setUrl"):
        SimpleHTTPTransformer(outputParser=StringOutputParser(), inputCol="data").transform(TEN)
    with pytest.raises(ParamError, match="CustomInputParser"):
        simple("http://x/").setInputParser(CustomInputParser(udf=repr)).transform(TEN)
    with pytest.raises(SchemaError, match="no column"):
        simple("http://x/").setInputCol("other").transform(TEN)
    with pytest.raises(SchemaError, match="requestLine"):
        HTTPTransformer(inputCol="data").transform(TEN)
    with pytest.raises(ParamError, match="another name"):
        simple("http://x/").setOutputCol("data").transform(TEN)
    for wrong in (
        {"url": "nowhere"}, {"concurrency": 0}, {"timeout": 0}, {"retryMethods": ["BREW"]},
        {"retryStatuses": [99]}, {"headers": {"a": 1}}, {"handler": 5}, {"maxAttempts": 0},
        {"inputParser": StringOutputParser()}, {"outputParser": JSONInputParser()},
        {"execution": "moon"}, {"headersFromEnv": {"A": 1}}, {"handler": "no.such:thing"},
    ):  # fmt: skip
        with pytest.raises(ParamError):
            SimpleHTTPTransformer(**wrong)
    with pytest.raises(ParamError, match="spelling"):
        JSONOutputParser(dataType="a quux")
    with pytest.raises(ParamError):
        JSONInputParser(method="GET")
