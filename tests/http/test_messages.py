"""Requests and responses: made, checked, written to Arrow and read again."""

import email
import json
import math
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis import HTTPRequest, HTTPResponse
from irbis.errors import SchemaError
from irbis.http.failure import Failure, InvalidRequestError
from irbis.http.messages import (
    read_requests,
    read_responses,
    require_request,
    require_response,
    write_requests,
    write_responses,
)
from irbis.http.request import checked

URL = "http://api.example/v1"
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"))
HEADERS = st.lists(st.tuples(st.sampled_from(["X-A", "x-b", "Accept"]), VALUES), max_size=3)


@given(st.sampled_from(["POST", "PUT", "DELETE"]), HEADERS, st.one_of(st.none(), st.binary()))
def test_requests_round_trip(method, headers, body):
    request = HTTPRequest(method, URL, tuple(headers), body)
    assert read_requests(write_requests([request, None])) == [
        request,
        Failure("null", "the request is null"),
    ]


@given(st.integers(100, 599), HEADERS, st.binary(), st.integers(1, 9), st.floats(0, 100))
def test_responses_round_trip(status, headers, body, attempts, elapsed):
    response = HTTPResponse(status, "why", tuple(headers), body, attempts=attempts, elapsed=elapsed)
    assert read_responses(write_responses([None, response])) == [None, response]


def test_queries_and_bodies():
    params = {"a": [1, 2], "b": None, "c d": "é&=", "e": True}
    made = HTTPRequest.make("POST", URL + "?x=1#part", params=params, json={"k": Decimal("1.50")})
    assert parse_qs(urlsplit(made.url).query) == {
        "x": ["1"], "a": ["1", "2"], "c d": ["é&="], "e": ["true"],
    }  # fmt: skip
    assert made.url.endswith("#part")
    assert made.json() == {"k": 1.5}
    assert made.header("CONTENT-TYPE") == "application/json"
    form = HTTPRequest.make("POST", URL, form={"a": "b c"})
    assert (form.body, form.header("content-type")) == (
        b"a=b+c", "application/x-www-form-urlencoded",
    )  # fmt: skip
    own = HTTPRequest.make("POST", URL, json=1, headers={"content-type": "application/x"})
    assert [v for n, v in own.headers if n.lower() == "content-type"] == ["application/x"]
    assert HTTPRequest.make("POST", URL, body="é").body == "é".encode()


@given(st.binary(), st.text(st.characters(codec="utf-8", exclude_characters='\r\n"\0'), min_size=1))
def test_multipart_is_read_back(content, filename):
    made = HTTPRequest.make("POST", URL, form={"a": 1}, files={"f": (filename, content, "x/y")})
    again = HTTPRequest.make("POST", URL, form={"a": 1}, files={"f": (filename, content, "x/y")})
    assert made == again  # the same row gives the same bytes
    head = f"Content-Type: {made.header('content-type')}\r\n\r\n".encode()
    message = email.message_from_bytes(head + made.body)
    first, second = message.get_payload()
    assert first.get_payload() == "1"
    assert second.get_content_type() == "x/y"
    mark = b"--" + message.get_boundary().encode()
    assert made.body.endswith(content + b"\r\n" + mark + b"--\r\n")


@pytest.mark.parametrize(
    "arguments",
    [
        {"json": math.nan},
        {"json": {"a": math.inf}},
        {"json": {"a": object()}},
        {"json": {"a": Decimal("NaN")}},
        {"json": "\ud800"},
        {"json": {(1, 2): 3}},
        {"json": 1, "form": {}},
        {"form": {}, "body": b""},
        {"files": {"f": 3.0}},
        {"files": {"f": ("name", "text")}},
    ],
)
def test_bodies_that_cannot_be_made(arguments):
    with pytest.raises((InvalidRequestError, TypeError)):
        HTTPRequest.make("POST", URL, **arguments)


def test_values_that_json_lacks_become_what_spark_writes():
    value = {"n": np.float32(1.5), "l": np.array([1, 2]), "b": b"\0", "d": Decimal(7)}
    assert json.loads(HTTPRequest.make("POST", URL, json=value).body) == {
        "n": 1.5, "l": [1, 2], "b": "AA==", "d": 7,
    }  # fmt: skip


@pytest.mark.parametrize(
    "request_",
    [
        HTTPRequest("GET", ""),
        HTTPRequest("GET", "api.example"),
        HTTPRequest("GET", "ftp://api.example"),
        HTTPRequest("GET", "http://"),
        HTTPRequest("GET", "http://a b/"),
        HTTPRequest("GET", "http://api.example:99999/"),
        HTTPRequest("GET", "http://[::1/"),
        HTTPRequest("GET", "http://api.example/\r\nX: y"),
        HTTPRequest("GET", "http://exa\udc80mple/"),
        HTTPRequest("GET", "http://api.example/" + "x" * 70_000),
        HTTPRequest("BREW", URL),
        HTTPRequest("", URL),
        HTTPRequest("TRACE", URL),
        HTTPRequest("GET", URL, (), b"body"),
        HTTPRequest("HEAD", URL, (), b"body"),
        HTTPRequest("POST", URL, (("X Y", "z"),)),
        HTTPRequest("POST", URL, (("X", "a\r\nEvil: 1"),)),
        HTTPRequest("POST", URL, (("Content-Length", "9"),), b"abc"),
    ],
)
def test_requests_that_cannot_be_sent(request_):
    with pytest.raises(InvalidRequestError):
        checked(request_)


def test_good_requests_pass():
    assert checked(HTTPRequest("post", URL, (), b"x")).method == "POST"
    for url in (
        "http://[::1]:80/",
        "https://münchen.example/ü",
        "http://a_b.example/?q=a b".replace(" ", "+"),
    ):
        assert checked(HTTPRequest("GET", url)).url == url


@given(st.text(max_size=60))
def test_no_address_breaks_the_check(text):
    try:
        checked(HTTPRequest("GET", text))
        checked(HTTPRequest("GET", "http://" + text))
    except InvalidRequestError:
        pass


def test_structs_of_others_are_read():
    line = pa.struct([("method", pa.string()), ("uri", pa.string())])
    type_ = pa.struct([("requestLine", line)])
    rows = pa.array([{"requestLine": {"method": "get", "uri": URL}}, {"requestLine": None}], type_)
    require_request(pa.field("r", type_))
    good, bad = read_requests(rows)
    assert good == HTTPRequest("GET", URL)
    assert bad.kind == "request"
    entity = {"content": b"ab", "contentLength": 7}
    type_ = write_requests([]).type
    lying = pa.array([{"requestLine": {"method": "POST", "uri": URL}, "entity": entity}], type_)
    assert read_requests(lying)[0].kind == "request"
    entity = {"content": b"ab", "contentType": {"name": "Content-Type", "value": "x/y"}}
    typed = pa.array([{"requestLine": {"method": "POST", "uri": URL}, "entity": entity}], type_)
    assert read_requests(typed)[0].header("content-type") == "x/y"
    entity["contentEncoding"] = {"name": "Content-Encoding", "value": "gzip"}
    packed = pa.array([{"requestLine": {"method": "POST", "uri": URL}, "entity": entity}], type_)
    assert read_requests(packed)[0].header("content-encoding") == "gzip"


@pytest.mark.parametrize("type_", [pa.string(), pa.struct([("a", pa.int32())])])
def test_other_columns_are_refused_early(type_):
    for require in (require_request, require_response):
        with pytest.raises(SchemaError):
            require(pa.field("r", type_))
