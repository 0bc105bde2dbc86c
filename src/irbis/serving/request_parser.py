"""parseRequest: what a body is, and the columns it becomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import Message
from functools import cached_property
from typing import Any, Protocol

import pyarrow as pa

from irbis.http.messages import REQUEST
from irbis.http.reading import ParseError, load, reader
from irbis.schema import IMAGE
from irbis.serving.json_columns import Maker, column_maker
from irbis.serving.json_schema import sample, strictness
from irbis.serving.message import Reply, Request, problem

__all__ = [
    "BadRequestError",
    "BodyParser",
    "ImageParser",
    "JsonParser",
    "RequestParser",
    "Unparsed",
]


class BadRequestError(Exception):
    """A request that can't be read; the reply says why."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail

    def reply(self) -> Reply:
        """Make the reply."""
        return problem(self.status, self.detail)


class RequestParser(Protocol):
    """How a front reads bodies."""

    @property
    def fields(self) -> list[pa.Field]:
        """Columns it makes."""

    def make_reader(self) -> Callable[[Request], Any]:
        """Make the function from a request to a value; it runs in the loop, and raises BadRequestError."""

    def columns(self, values: Sequence[Any]) -> tuple[list[pa.Array], dict[int, Reply]]:
        """Columns of a batch of values, and the rows that can't be read after all."""

    def sample(self) -> Any:
        """Value to try a model on before the first request comes."""

    def media(self) -> dict[str, Any]:
        """Content of the body, as OpenAPI has it."""


@dataclass(frozen=True)
class Unparsed:
    """No parseRequest: the request column is all there is."""

    @property
    def fields(self) -> list[pa.Field]:
        """None."""
        return []

    def make_reader(self) -> Callable[[Request], Any]:
        """Read nothing."""
        return lambda _: None

    def columns(self, values: Sequence[Any]) -> tuple[list[pa.Array], dict[int, Reply]]:
        """Make none."""
        del values
        return [], {}

    def sample(self) -> Any:
        """Make none."""
        return None

    def media(self) -> dict[str, Any]:
        """Anything."""
        return {"*/*": {"schema": {}}}


@dataclass(frozen=True)
class BodyParser:
    """The body as it is: bytes, or text in the charset that the request names (else UTF-8)."""

    type: pa.DataType
    column: str

    @property
    def fields(self) -> list[pa.Field]:
        """One column."""
        return [pa.field(self.column, self.type)]

    def make_reader(self) -> Callable[[Request], Any]:
        """Read the body."""
        return _text if pa.types.is_string(self.type) else _bytes

    def columns(self, values: Sequence[Any]) -> tuple[list[pa.Array], dict[int, Reply]]:
        """Make the column."""
        return [pa.array(values, self.type)], {}

    def sample(self) -> Any:
        """Make a text, or a small picture: what bytes mostly are here."""
        return "" if pa.types.is_string(self.type) else _picture()

    def media(self) -> dict[str, Any]:
        """Text or bytes."""
        if pa.types.is_string(self.type):
            return {"text/plain": {"schema": {"type": "string"}}}
        return {"application/octet-stream": {"schema": {}}}


@dataclass(frozen=True)
class ImageParser:
    """An encoded picture, decoded to Spark's image struct."""

    column: str

    @property
    def fields(self) -> list[pa.Field]:
        """One column."""
        return [pa.field(self.column, IMAGE)]

    def make_reader(self) -> Callable[[Request], Any]:
        """Read the body; it is decoded with the batch."""
        return _bytes

    def columns(self, values: Sequence[Any]) -> tuple[list[pa.Array], dict[int, Reply]]:
        """Decode."""
        from irbis.image.codec import PictureError, pictures, to_images

        found, faults = [], {}
        for row, made in enumerate(pictures(pa.array(values, pa.binary()))):
            if isinstance(made, PictureError):
                faults[row] = problem(422, str(made), kind=made.kind)
            found.append(None if isinstance(made, PictureError) else made)
        return [to_images(found, [None] * len(found))], faults

    def sample(self) -> Any:
        """Make a small picture."""
        return _picture()

    def media(self) -> dict[str, Any]:
        """Pictures."""
        return {"image/*": {"schema": {}}}


@dataclass(frozen=True)
class JsonParser:
    """A JSON object with the fields of a struct type, which become columns."""

    type: pa.StructType

    @property
    def fields(self) -> list[pa.Field]:
        """A column for each field."""
        return list(self.type.fields)

    def make_reader(self) -> Callable[[Request], Any]:
        """Read JSON; a fault names its place."""
        read, check = reader(self.type), strictness(self.type)

        def parse(request: Request) -> Any:
            _plain_encoding(request)
            try:
                value = load(request.body)
                if not isinstance(value, dict):
                    raise ParseError("$: expected an object")
                if check is not None:
                    check(value, "$")
                return read(value, "$")
            except ParseError as error:
                raise BadRequestError(400, str(error).replace("the answer", "the body")) from None

        return parse

    def columns(self, values: Sequence[Any]) -> tuple[list[pa.Array], dict[int, Reply]]:
        """Make the columns."""
        return [
            make([None if v is None else v[name] for v in values]) for name, make in self._makers
        ], {}

    @cached_property
    def _makers(self) -> list[tuple[str, Maker]]:
        return [(f.name, column_maker(f.type)) for f in self.type.fields]

    def __reduce__(self) -> tuple[Any, ...]:
        # Without what is cached.
        return JsonParser, (self.type,)

    def sample(self) -> Any:
        """Make an object of zeros."""
        return sample(self.type)

    def media(self) -> dict[str, Any]:
        """JSON of the type."""
        from irbis.serving.json_schema import json_schema

        return {"application/json": {"schema": json_schema(self.type, nullable=False)}}


def requests_column(requests: Sequence[Request]) -> pa.Array:
    """Requests as structs (irbis.http.messages.REQUEST); a traceparent that is none is left out."""
    from irbis.serving.trace import without_invalid_trace

    return pa.array([_struct(r, without_invalid_trace(r.headers)) for r in requests], REQUEST)


def _struct(request: Request, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    major, _, minor = request.version.partition(".")
    type_ = request.header(b"content-type")
    return {
        "requestLine": {
            "method": request.method,
            "uri": request.target,
            "protocolVersion": {"protocol": "HTTP", "major": int(major), "minor": int(minor or 0)},
        },
        "headers": [
            {"name": n.decode("latin-1"), "value": v.decode("latin-1")} for n, v in headers
        ],
        "entity": {
            "content": request.body,
            "contentEncoding": None,
            "contentLength": len(request.body),
            "contentType": None
            if type_ is None
            else {"name": "Content-Type", "value": type_.decode("latin-1")},
            "isChunked": False,
            "isRepeatable": True,
            "isStreaming": False,
        },
    }


def _plain_encoding(request: Request) -> None:
    coded = request.header(b"content-encoding")
    if coded is not None and coded.strip().lower() not in (b"", b"identity"):
        raise BadRequestError(415, "a compressed body; expected none")


def _bytes(request: Request) -> bytes:
    _plain_encoding(request)
    return request.body


def _text(request: Request) -> str:
    _plain_encoding(request)
    charset = "utf-8"
    type_ = request.header(b"content-type")
    if type_ is not None and b"charset" in type_.lower():
        message = Message()
        message["content-type"] = type_.decode("latin-1")
        charset = message.get_content_charset() or charset
    try:
        text = request.body.decode(charset)
        text.encode()
    except LookupError:
        raise BadRequestError(415, "a charset that is not known") from None
    except UnicodeError:
        raise BadRequestError(400, "the body is not text in its charset") from None
    return text


def _picture() -> bytes:
    import numpy as np

    from irbis.image.codec import encode

    return encode(np.full((32, 32, 3), 127, np.uint8))
