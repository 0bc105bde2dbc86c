"""The function behind ``to_http_request``: requests from arrays and constants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from irbis.http.failure import Failure
from irbis.http.parsing import guarded, python_values
from irbis.http.request import HTTPRequest

__all__ = ["RequestsFromColumns"]


@dataclass(frozen=True)
class RequestsFromColumns:
    """Makes a request of each row.

    Parameters
    ----------
    names : tuple of str
        What the arrays are, in order: arguments of :meth:`irbis.HTTPRequest.make`.
    fixed : dict
        The other arguments, the same in each row.
    """

    names: tuple[str, ...]
    fixed: dict[str, Any] = field(repr=False)

    def __call__(self, values: Sequence[pa.Array]) -> list[HTTPRequest | Failure]:
        """Make the requests; without names, the array only tells how many."""
        if not self.names:
            return [guarded(self._make, {}) for _ in range(len(values[0]))]
        rows = zip(*(python_values(v) for v in values), strict=True)
        return [guarded(self._make, dict(zip(self.names, row, strict=True))) for row in rows]

    def _make(self, row: dict[str, Any]) -> HTTPRequest | None:
        arguments = {**self.fixed, **row}
        url, method = arguments.pop("url"), arguments.pop("method")
        if url is None or method is None:
            return None
        headers = arguments.pop("headers", None) or {}
        arguments["headers"] = {n: v for n, v in headers.items() if v is not None}
        if arguments.get("files") is not None:
            arguments["files"] = {n: v for n, v in arguments["files"].items() if v is not None}
        if "json" in arguments and arguments["json"] is None:
            del arguments["json"]  # a null is no body
        return HTTPRequest.make(method, url, **arguments)
