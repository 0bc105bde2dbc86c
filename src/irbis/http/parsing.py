"""The functions behind the parsers: from values to requests, and from answers to values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from irbis.http.call import Answer
from irbis.http.failure import Failure, InvalidRequestError
from irbis.http.reading import ParseError, Reader, load, reader, sound
from irbis.http.request import HTTPRequest, checked
from irbis.http.response import HTTPResponse

__all__ = [
    "CustomInput",
    "CustomOutput",
    "JSONInput",
    "JSONOutput",
    "StringOutput",
    "as_request",
    "guarded",
]


@dataclass(frozen=True)
class JSONInput:
    """A value as JSON: structs and arrays as they are, anything else as {name: value}."""

    name: str
    url: str = field(repr=False)
    method: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)

    def __call__(self, values: pa.Array) -> list[HTTPRequest | Failure]:
        """Make the requests of a column."""
        bare = pa.types.is_struct(values.type) or _is_array(values.type)
        found: list[HTTPRequest | Failure] = []
        for value in python_values(values):
            if value is None:
                found.append(Failure("null", "the input is null"))
                continue
            found.append(guarded(self._make, value if bare else {self.name: value}))
        return found

    def _make(self, value: Any) -> HTTPRequest:
        return HTTPRequest.make(self.method, self.url, headers=self.headers, json=value)


@dataclass(frozen=True)
class CustomInput:
    """A user's function from a value to a request."""

    function: Callable[[Any], Any]

    def __call__(self, values: pa.Array) -> list[HTTPRequest | Failure]:
        """Make the requests of a column."""
        return [guarded(self._make, value) for value in python_values(values)]

    def _make(self, value: Any) -> HTTPRequest | None:
        made = self.function(value)
        return None if made is None else as_request(made)


def as_request(made: Any) -> HTTPRequest:
    """Take an HTTPRequest, or a Request of requests or another library that prepares alike.

    Raises
    ------
    InvalidRequestError
    """
    if isinstance(made, HTTPRequest):
        return made
    if hasattr(made, "prepare") and not hasattr(made, "body"):  # one that is prepared has a body
        made = made.prepare()
    if not all(hasattr(made, name) for name in ("method", "url", "headers")):
        raise InvalidRequestError(f"a {type(made).__name__} in place of an HTTPRequest")
    body = getattr(made, "body", None)
    return HTTPRequest.make(
        str(made.method),
        str(made.url),
        headers=[(n, v) for n, v in made.headers.items() if n.lower() != "content-length"],
        body=body if body is None or isinstance(body, (bytes, str)) else bytes(body),
    )


def guarded(make: Callable[[Any], HTTPRequest | None], value: Any) -> HTTPRequest | Failure:
    """Make and check a request; whatever is wrong with it is a failure."""
    try:
        made = make(value)
        return Failure("null", "no request was made") if made is None else checked(made)
    except InvalidRequestError as error:
        return Failure("request", str(error))
    except Exception as error:  # a user's function; its message may hold anything
        return Failure("request", f"the input parser raised {type(error).__name__}")


@dataclass(frozen=True)
class StringOutput:
    """Body as text, in the charset it names."""

    type: pa.DataType = field(default_factory=pa.string)

    def __call__(self, answers: Sequence[Answer]) -> tuple[pa.Array, list[Failure | None]]:
        """Parse answers."""
        return _parsed(answers, self._read, self.type)

    @staticmethod
    def _read(response: HTTPResponse) -> str:
        try:
            return sound(response.text, "$")
        except (UnicodeDecodeError, LookupError):
            raise ParseError("the answer is not text in the charset it names") from None


@dataclass(frozen=True)
class JSONOutput:
    """Body as JSON of a type."""

    type: pa.DataType

    def __call__(self, answers: Sequence[Answer]) -> tuple[pa.Array, list[Failure | None]]:
        """Parse answers."""
        read: Reader = reader(self.type)
        return _parsed(answers, lambda response: read(load(response.body), "$"), self.type)


@dataclass(frozen=True)
class CustomOutput:
    """A user's function from a response to a value."""

    function: Callable[[HTTPResponse], Any]
    type: pa.DataType

    def __call__(self, answers: Sequence[Answer]) -> tuple[pa.Array, list[Failure | None]]:
        """Parse answers."""
        return _parsed(answers, self._read, self.type)

    def _read(self, response: HTTPResponse) -> Any:
        try:
            return pa.scalar(self.function(response), self.type).as_py()
        except ParseError:
            raise
        except Exception as error:  # a user's function; its message may hold anything
            raise ParseError(f"the output parser raised {type(error).__name__}") from None


def _parsed(
    answers: Sequence[Answer], read: Callable[[HTTPResponse], Any], type_: pa.DataType
) -> tuple[pa.Array, list[Failure | None]]:
    values: list[Any] = []
    failures: list[Failure | None] = []
    for answer in answers:
        value, failure, response = None, answer.failure, answer.response
        if failure is None and response is not None:
            try:
                value = read(response)
            except Exception as error:  # whatever a document holds, the job goes on
                said = str(error) if isinstance(error, ParseError) else type(error).__name__
                failure = Failure("parse", said, response.status, response.attempts)
        values.append(value)
        failures.append(failure)
    return pa.array(values, type_), failures


def python_values(values: pa.Array) -> list[Any]:
    """Rows as Python values, maps as dicts."""
    rows: list[Any] = values.to_pylist()
    if not _has_map(values.type):
        return rows
    return [_unmapped(row, values.type) for row in rows]


def _has_map(type_: pa.DataType) -> bool:
    if pa.types.is_map(type_):
        return True
    if pa.types.is_struct(type_):
        return any(_has_map(f.type) for f in type_.fields)
    return _is_array(type_) and _has_map(type_.value_type)


def _unmapped(value: Any, type_: pa.DataType) -> Any:
    if value is None:
        return None
    if pa.types.is_map(type_):
        return {k: _unmapped(v, type_.item_type) for k, v in value}
    if pa.types.is_struct(type_):
        return {f.name: _unmapped(value[f.name], f.type) for f in type_.fields}
    if _is_array(type_):
        return [_unmapped(v, type_.value_type) for v in value]
    return value


def _is_array(type_: pa.DataType) -> bool:
    known = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(fits(type_) for fits in known)
