"""Requests and responses as Arrow structs, the shape of SynapseML's HTTPRequestData and
HTTPResponseData; a response also tells ``attempts`` and ``elapsed`` (seconds).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from irbis.errors import SchemaError
from irbis.http.failure import Failure, InvalidRequestError
from irbis.http.request import HTTPRequest, checked
from irbis.http.response import HTTPResponse

__all__ = [
    "HEADER",
    "REQUEST",
    "RESPONSE",
    "read_requests",
    "read_responses",
    "require_request",
    "require_response",
    "write_requests",
    "write_responses",
]

HEADER = pa.struct([("name", pa.string()), ("value", pa.string())])
_VERSION = pa.struct([("protocol", pa.string()), ("major", pa.int32()), ("minor", pa.int32())])
_ENTITY = pa.struct(
    [
        ("content", pa.binary()),
        ("contentEncoding", HEADER),
        ("contentLength", pa.int64()),
        ("contentType", HEADER),
        ("isChunked", pa.bool_()),
        ("isRepeatable", pa.bool_()),
        ("isStreaming", pa.bool_()),
    ]
)
_REQUEST_LINE = pa.struct(
    [("method", pa.string()), ("uri", pa.string()), ("protocolVersion", _VERSION)]
)
_STATUS_LINE = pa.struct(
    [("protocolVersion", _VERSION), ("statusCode", pa.int32()), ("reasonPhrase", pa.string())]
)
REQUEST = pa.struct(
    [("requestLine", _REQUEST_LINE), ("headers", pa.list_(HEADER)), ("entity", _ENTITY)]
)
RESPONSE = pa.struct(
    [
        ("headers", pa.list_(HEADER)),
        ("entity", _ENTITY),
        ("statusLine", _STATUS_LINE),
        ("locale", pa.string()),
        ("attempts", pa.int32()),
        ("elapsed", pa.float64()),
    ]
)
_HTTP11 = {"protocol": "HTTP", "major": 1, "minor": 1}


def require_request(field: pa.Field) -> None:
    """Check that a column holds requests: at least requestLine with method and uri.

    Raises
    ------
    SchemaError
    """
    line = _child(field.type, "requestLine")
    if line is None or _child(line, "method") is None or _child(line, "uri") is None:
        raise SchemaError(
            f"{field.name}: {field.type}",
            expected="a struct(requestLine, headers, entity), as irbis.http.columns.to_http_request "
            "or JSONInputParser make it",
        )


def require_response(field: pa.Field) -> None:
    """Check that a column holds responses: at least statusLine.statusCode and entity.content.

    Raises
    ------
    SchemaError
    """
    line, entity = _child(field.type, "statusLine"), _child(field.type, "entity")
    known = line is not None and entity is not None
    if not known or _child(line, "statusCode") is None or _child(entity, "content") is None:
        raise SchemaError(
            f"{field.name}: {field.type}",
            expected="a struct(headers, entity, statusLine, ...), as HTTPTransformer makes it",
        )


def _child(type_: Any, name: str) -> Any:
    if type_ is None or not pa.types.is_struct(type_) or type_.get_field_index(name) < 0:
        return None
    return type_.field(name).type


def read_requests(values: pa.Array) -> list[HTTPRequest | Failure]:
    """Requests of a column; a row that can't be sent is a failure."""
    line = _field(values, "requestLine")
    methods = _list(_field(line, "method"), len(values))
    uris = _list(_field(line, "uri"), len(values))
    headers = _list(_field(values, "headers"), len(values))
    entity = _field(values, "entity")
    bodies = _list(_field(entity, "content"), len(values))
    lengths = _list(_field(entity, "contentLength"), len(values))
    types = _list(_field(entity, "contentType"), len(values))
    encodings = _list(_field(entity, "contentEncoding"), len(values))
    nulls = values.is_null().to_pylist()
    found: list[HTTPRequest | Failure] = []
    for row, null in enumerate(nulls):
        if null:
            found.append(Failure("null", "the request is null"))
            continue
        body = bodies[row]
        try:
            pairs = _pairs(headers[row])
            if body is not None:
                pairs += _of_entity(pairs, "Content-Type", types[row])
                pairs += _of_entity(pairs, "Content-Encoding", encodings[row])
            if body is not None and lengths[row] not in (None, -1, len(body)):
                raise InvalidRequestError("contentLength differs from the length of the content")
            request = HTTPRequest(methods[row] or "", uris[row] or "", pairs, body)
            found.append(checked(request))
        except InvalidRequestError as error:
            found.append(Failure("request", str(error)))
    return found


def _pairs(headers: Any) -> tuple[tuple[str, str], ...]:
    return tuple((h["name"], h["value"]) for h in headers or () if h is not None)


def _of_entity(
    pairs: tuple[tuple[str, str], ...], name: str, header: Any
) -> tuple[tuple[str, str], ...]:
    """A header that the entity names, unless the headers have it already."""
    known = any(n is not None and n.lower() == name.lower() for n, _ in pairs)
    value = None if header is None else header.get("value")
    return ((name, value),) if value and not known else ()


def read_responses(values: pa.Array) -> list[HTTPResponse | None]:
    """Responses of a column; None where it is null."""
    line = _field(values, "statusLine")
    statuses = _list(_field(line, "statusCode"), len(values))
    reasons = _list(_field(line, "reasonPhrase"), len(values))
    headers = _list(_field(values, "headers"), len(values))
    bodies = _list(_field(_field(values, "entity"), "content"), len(values))
    attempts = _list(_field(values, "attempts"), len(values))
    elapsed = _list(_field(values, "elapsed"), len(values))
    return [
        None
        if status is None
        else HTTPResponse(
            status,
            reasons[row] or "",
            _pairs(headers[row]),
            bodies[row] or b"",
            attempts=attempts[row] or 1,
            elapsed=elapsed[row] or 0.0,
        )
        for row, status in enumerate(statuses)
    ]


def write_requests(requests: Sequence[HTTPRequest | Failure | None]) -> pa.Array:
    """Build a column of requests; null where there is none."""
    return pa.array(
        [_request(r) if isinstance(r, HTTPRequest) else None for r in requests], REQUEST
    )


def write_responses(responses: Sequence[HTTPResponse | None]) -> pa.Array:
    """Build a column of responses; null where there is none."""
    return pa.array([None if r is None else _response(r) for r in responses], RESPONSE)


def _request(request: HTTPRequest) -> dict[str, Any]:
    return {
        "requestLine": {"method": request.method, "uri": request.url, "protocolVersion": _HTTP11},
        "headers": [{"name": n, "value": v} for n, v in request.headers],
        "entity": _entity(request.body, request.header("content-type"), chunked=False),
    }


def _response(response: HTTPResponse) -> dict[str, Any]:
    major, minor = response.version
    chunked = (response.header("transfer-encoding") or "").lower() == "chunked"
    return {
        "headers": [{"name": n, "value": v} for n, v in response.headers],
        "entity": _entity(response.body, response.header("content-type"), chunked=chunked),
        "statusLine": {
            "protocolVersion": {"protocol": "HTTP", "major": major, "minor": minor},
            "statusCode": response.status,
            "reasonPhrase": response.reason,
        },
        "locale": response.header("content-language"),
        "attempts": response.attempts,
        "elapsed": response.elapsed,
    }


def _entity(body: bytes | None, type_: str | None, *, chunked: bool) -> dict[str, Any] | None:
    if body is None:
        return None
    return {
        "content": body,
        "contentEncoding": None,  # decoded already
        "contentLength": len(body),
        "contentType": None if type_ is None else {"name": "Content-Type", "value": type_},
        "isChunked": chunked,
        "isRepeatable": True,
        "isStreaming": False,
    }


def _field(values: pa.Array | None, name: str) -> pa.Array | None:
    if values is None or _child(values.type, name) is None:
        return None
    return pc.struct_field(values, name)


def _list(values: pa.Array | None, rows: int) -> list[Any]:
    return [None] * rows if values is None else values.to_pylist()
