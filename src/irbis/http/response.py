"""HTTPResponse: one answer, as parsers and handlers see it."""

from __future__ import annotations

import json as jsonlib
from dataclasses import dataclass
from email.message import Message
from typing import Any

__all__ = ["HTTPResponse"]


@dataclass(frozen=True, repr=False)
class HTTPResponse:
    """One HTTP response.

    Parameters
    ----------
    status : int
    reason : str, default ""
    headers : tuple of (name, value), default ()
        As they came; the body is decompressed already.
    body : bytes, default b""
    version : (int, int), default (1, 1)
    attempts : int, default 1
        Requests sent for this row, this one included.
    elapsed : float, seconds, default 0.0
        From the first attempt's start to the end of the answer, waits between attempts included.
    url : str, default ""
        Address that answered, after redirects.

    Examples
    --------
    >>> answer = HTTPResponse(200, "OK", (("Content-Type", "application/json"),), b'{"a": 1}')
    >>> answer.ok, answer.json(), answer.header("content-type")
    (True, {'a': 1}, 'application/json')
    """

    status: int
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    version: tuple[int, int] = (1, 1)
    attempts: int = 1
    elapsed: float = 0.0
    url: str = ""

    def __repr__(self) -> str:
        return f"HTTPResponse({self.status}, {len(self.body)} bytes)"

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    def header(self, name: str) -> str | None:
        """Value of the first header by that name, whatever its case."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)

    @property
    def charset(self) -> str:
        """Charset that the content type names, else UTF-8."""
        message = Message()
        message["content-type"] = self.header("content-type") or ""
        return message.get_content_charset() or "utf-8"

    @property
    def text(self) -> str:
        """Body as text.

        Raises
        ------
        UnicodeDecodeError, LookupError
            If it is not in the charset it names.
        """
        return self.body.decode(self.charset)

    def json(self) -> Any:
        """Body read as JSON (always UTF-8, RFC 8259)."""
        return jsonlib.loads(self.body)
