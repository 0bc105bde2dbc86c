"""Bad input: random bytes, malformed HTTP, and all that our own OpenAPI document allows."""

import json
import re

import pyarrow as pa
import pytest
from fronts import ask, front, raw
from hypothesis import given, settings
from hypothesis import strategies as st

from irbis.serving.request_parser import JsonParser

SCHEMA = JsonParser(
    pa.struct(
        [
            ("a", pa.float64()),
            ("n", pa.int32()),
            ("tags", pa.list_(pa.string())),
            ("inner", pa.struct([("flag", pa.bool_()), ("when", pa.date32())])),
        ]
    )
)
LIMITS = {"header_timeout": 0.3, "body_timeout": 0.3, "keep_alive": 0.3, "max_header_bytes": 2000}


@pytest.fixture(scope="module")
def running():
    with front(parser=SCHEMA, reply="inner", max_body_bytes=5000, **LIMITS) as thread:
        yield thread
        # It lives, it is empty, and no fault of a client was a fault of ours.
        assert ask(thread, body=b'{"inner": {"flag": true}}').status == 200
        assert thread.front.batcher.in_flight == 0
        assert not [s for _, s in thread.front.metrics.requests if s >= 500]


def sound(said):
    """What came is whole replies, none of them 5xx, none with a trace of our code."""
    statuses = [int(s) for s in re.findall(rb"HTTP/1\.1 (\d{3}) ", said)]
    assert not said or said.startswith(b"HTTP/1.1 ")
    assert all(s < 500 for s in statuses)
    assert b"Traceback" not in said
    assert b".py" not in said


@settings(max_examples=100)
@given(st.binary(max_size=400))
def test_random_bytes(running, data):
    sound(raw(running, data, shut=True))


PIECES = st.sampled_from(
    [
        b"POST", b"GET", b"FOO", b" ", b"/api", b"/docs", b" HTTP/1.1", b" HTTP/1.0", b" HTTP/9.9", b"\r\n", b"\n",
        b"Host: a\r\n", b"Host: a\r\nHost: b\r\n", b"Content-Length: 5\r\n", b"Content-Length: -1\r\n",
        b"Content-Length: 99999999999999999999\r\n", b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n", b"Connection: upgrade\r\nUpgrade: h2c\r\n",
        b"Expect: 100-continue\r\n", b"Content-Encoding: gzip\r\n", b"X: \x00\r\n", b": no name\r\n", b" folded\r\n",
        b"\r\n\r\n", b"5\r\nhello\r\n0\r\n\r\n", b"zz\r\n", b"{}", b"hello", b"\xff\xfe", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ]
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(PIECES, min_size=1, max_size=12))
def test_malformed_http(running, pieces):
    sound(raw(running, b"".join(pieces), shut=True))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))  # fmt: skip
def test_any_json(running, value):
    for path in ("/api", "/v2/models/api/infer"):
        said = ask(running, path, json.dumps(value).encode()[:4000])
        assert said.status in (200, 400)
        assert b"Traceback" not in said.body


def test_our_own_openapi_document(running):
    schemathesis = pytest.importorskip("schemathesis")
    base = f"http://127.0.0.1:{running.front.port}"
    schema = schemathesis.openapi.from_url(f"{base}/openapi.json")
    checks = [
        schemathesis.checks.not_a_server_error,
        schemathesis.specs.openapi.checks.status_code_conformance,
        schemathesis.specs.openapi.checks.content_type_conformance,
        schemathesis.specs.openapi.checks.response_schema_conformance,
    ]
    asked = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(max_examples=20)
        @given(case=operation.as_strategy())
        def run(case):
            nonlocal asked
            asked += 1
            case.call_and_validate(checks=checks)

        run()
    assert asked > 40
