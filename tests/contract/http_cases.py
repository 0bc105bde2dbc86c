"""The HTTP stages' cases: calls go to a fake service, which gives the same answer to the same call."""

import pyarrow as pa
from hypothesis import strategies as st

import irbis
from irbis.http.messages import RESPONSE, write_requests, write_responses
from irbis.http.request import get

_FAST = {"backoff": 0.0, "maxAttempts": 2, "concurrency": 4}


def _requests(service):
    def table(asked):
        made = [
            None if a is None else irbis.HTTPRequest.make("GET", service.url + a) for a in asked
        ]
        return pa.table({"id": range(len(made)), "request": write_requests(made)})

    return table


def _values(values):
    return pa.table({"id": range(len(values)), "input": pa.array(values, pa.float64())})


def _urls(service):
    def table(asked):
        urls = [None if a is None else service.url + a for a in asked]
        return pa.table({"id": range(len(urls)), "input": pa.array(urls, pa.string())})

    return table


def _responses(bodies):
    made = [
        None if b is None else irbis.HTTPResponse(404 if b == b"404" else 200, "", (), b)
        for b in bodies
    ]
    return pa.table({"response": write_responses(made)}, schema=pa.schema([("response", RESPONSE)]))


_PATHS = ["/a", "/b?status=404", "/c?status=503", "/d?how=cut&size=9", "/e?how=gzip", " bad", None]
_BODIES = [
    b'{"a": 1, "b": ["x"]}',
    b'{"a": "one"}',
    b"\xff",
    b"no json",
    b"null",
    b"404",
    b"",
    None,
]


def http_cases(service):
    """Name -> (stage, strategy of inputs, one rich input, examples to try)."""
    paths = st.lists(st.sampled_from(_PATHS), max_size=6)
    numbers = st.lists(st.one_of(st.none(), st.floats(-5, 5), st.just(float("nan"))), max_size=6)
    bodies = st.lists(st.sampled_from(_BODIES), max_size=6).map(_responses)
    simple = irbis.SimpleHTTPTransformer(
        url=service.url + "/simple",
        outputParser=irbis.JSONOutputParser(dataType="method string, body string"),
        **_FAST,
    )
    json_input = irbis.JSONInputParser(url="http://api.example/v1")
    return {
        "CustomInputParser": (
            irbis.CustomInputParser(udf=get),
            paths.map(_urls(service)),
            _urls(service)(_PATHS),
            20,
        ),
        "CustomOutputParser": (
            irbis.CustomOutputParser(udf=repr),
            bodies,
            _responses(_BODIES),
            20,
        ),
        "HTTPTransformer": (
            irbis.HTTPTransformer(**_FAST),
            paths.map(_requests(service)),
            _requests(service)(_PATHS),
            10,
        ),
        "JSONInputParser": (json_input, numbers.map(_values), _values([1.5, None, -0.0]), 20),
        "JSONOutputParser": (
            irbis.JSONOutputParser(dataType="a int, b array<string>"),
            bodies,
            _responses(_BODIES),
            20,
        ),
        "SimpleHTTPTransformer": (simple, numbers.map(_values), _values([1.5, None, 2.0]), 10),
        "StringOutputParser": (irbis.StringOutputParser(), bodies, _responses(_BODIES), 20),
    }
