"""A request as it came, and a reply as it leaves: the two words the front is written in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

__all__ = ["JSON", "Reply", "Request", "json_reply", "problem"]

JSON = "application/json"
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class Request:
    """One request; header names are in lower case.

    Parameters
    ----------
    method : str
    target : str
        As it stood in the request line.
    headers : list of (bytes, bytes)
    body : bytes
    version : str
    """

    __slots__ = ("body", "headers", "method", "target", "version")

    def __init__(
        self,
        method: str,
        target: str,
        headers: list[tuple[bytes, bytes]],
        body: bytes = b"",
        version: str = "1.1",
    ) -> None:
        self.method, self.target, self.headers = method, target, headers
        self.body, self.version = body, version

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    def header(self, name: bytes) -> bytes | None:
        """Value of the first header by that name, which is given in lower case."""
        for known, value in self.headers:
            if known == name:
                return value
        return None


class Reply:
    """One reply.

    Parameters
    ----------
    status : int
    body : bytes
    type : str
        Content type; "" for none.
    headers : sequence of (str, str)
        Further ones, without line breaks.
    """

    __slots__ = ("body", "headers", "status", "type")

    def __init__(
        self,
        status: int = 200,
        body: bytes = b"",
        type: str = "text/plain; charset=utf-8",  # noqa: A002
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.status, self.body, self.type, self.headers = status, body, type, headers

    def head(self, extra: str) -> bytes:
        """Status line and headers, the empty line included; `extra` are ready-made lines."""
        lines = f"HTTP/1.1 {self.status} {_REASONS.get(self.status, '')}\r\n{extra}"
        if self.type:
            lines += f"content-type: {self.type}\r\n"
        # A 204 or 304 has no body, and says nothing of its length (RFC 9110, 8.6).
        if self.status not in (204, 304):
            lines += f"content-length: {len(self.body)}\r\n"
        for name, value in self.headers:
            lines += f"{name}: {value}\r\n"
        return (lines + "\r\n").encode("latin-1", "replace")


def json_reply(value: Any, status: int = 200, headers: Sequence[tuple[str, str]] = ()) -> Reply:
    """Make a reply of JSON."""
    return Reply(status, json.dumps(value, separators=(",", ":")).encode(), JSON, headers)


def problem(status: int, detail: str, *, retry_after: int | None = None, **more: Any) -> Reply:
    """Make a reply that says what is wrong (RFC 9457).

    Examples
    --------
    >>> problem(400, "$.a: a string; expected a number").body.decode()
    '{"title":"Bad Request","status":400,"detail":"$.a: a string; expected a number"}'
    """
    headers = [] if retry_after is None else [("retry-after", str(retry_after))]
    headers += more.pop("headers", [])
    said = {"title": _REASONS.get(status, ""), "status": status, "detail": detail, **more}
    body = json.dumps(said, separators=(",", ":")).encode()
    return Reply(status, body, "application/problem+json", headers)
