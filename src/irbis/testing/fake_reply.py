"""What the fake service answers: plain replies, and every way to break one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from irbis.errors import ParamError

__all__ = ["BEHAVIOURS", "Reply", "Seen", "asked_by_query", "echo"]

#: Every value of ``Reply.how``, and what the service then does.
BEHAVIOURS: dict[str, str] = {
    "plain": "answers with Content-Length",
    "chunked": "answers in chunks of 1000 bytes",
    "gzip": "answers compressed",
    "drip": "sends the body one byte every `interval` seconds",
    "hang": "never answers",
    "close": "closes the connection before answering",
    "reset": "resets the connection (RST) in the middle of the body",
    "cut": "closes the connection in the middle of the body",
    "bad_gzip": "says gzip and sends something else",
    "bad_chunk": "sends a chunk whose length is not a number",
    "bad_json": "says application/json and sends half a document",
    "garbage": "answers bytes that are not HTTP",
    "redirect_loop": "redirects (302) to the same address",
    "endless": "sends a body that never ends",
}


@dataclass(frozen=True)
class Seen:
    """A request as the service saw it; header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """One answer.

    Parameters
    ----------
    status : int, default 200
    body : bytes, str or anything JSON can write, default b""
    headers : mapping of str to str
        Such as ``{"Retry-After": "1"}``.
    latency : float, seconds, default 0.0
        Before the first byte.
    how : str, default "plain"
        One of :data:`BEHAVIOURS`.
    interval : float, seconds, default 0.05
        Between the bytes of a "drip".
    """

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    latency: float = 0.0
    how: str = "plain"
    interval: float = 0.05

    def __post_init__(self) -> None:
        if self.how not in BEHAVIOURS:
            raise ParamError(f"how={self.how!r}", expected=f"one of {', '.join(BEHAVIOURS)}")

    def content(self) -> bytes:
        """Body as bytes."""
        if isinstance(self.body, bytes):
            return self.body
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return text.encode()

    def head(self, *lines: str) -> bytes:
        """Status line and headers."""
        try:
            reason = HTTPStatus(self.status).phrase
        except ValueError:
            reason = "Unknown"
        given = [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([f"HTTP/1.1 {self.status} {reason}", *given, *lines, "", ""]).encode(
            "latin-1"
        )


def echo(seen: Seen) -> Reply:
    """Tell the request back, as JSON; the same for the same request."""
    said = {
        "method": seen.method,
        "path": seen.path,
        "query": seen.query,
        "body": seen.body.decode("utf-8", "replace"),
    }
    return Reply(body=said, headers={"Content-Type": "application/json"})


def asked_by_query(seen: Seen) -> tuple[Reply, int] | None:
    """Reply asked for by the query, and how often it is to be given (0: always)."""
    asked = {name: values[-1] for name, values in parse_qs(seen.query).items()}
    known = {"status", "latency", "how", "size", "retry_after", "location", "interval"}
    if not known & asked.keys():
        return None
    headers = {}
    if "retry_after" in asked:
        headers["Retry-After"] = asked["retry_after"]
    if "location" in asked:
        headers["Location"] = asked["location"]
    status = int(asked.get("status", 200))
    size = asked.get("size")
    body: Any = b"x" * int(size) if size else (echo(seen).body if status < 300 else b"")
    reply = Reply(
        status=status,
        body=body,
        headers=headers,
        latency=float(asked.get("latency", 0)),
        how=asked.get("how", "plain"),
        interval=float(asked.get("interval", 0.05)),
    )
    return reply, int(asked.get("times", 0))
