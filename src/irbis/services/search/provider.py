"""What a provider of pictures is: where, how much, how politely, and how its answers read.

Imports no pyspark.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from irbis import __version__
from irbis.http.request import HTTPRequest
from irbis.services.operation import at_path
from irbis.services.search.result import Result

__all__ = ["AGENT", "Asked", "Provider", "dicts", "whole", "with_query"]

#: Who asks: providers want a name that leads to somebody.
AGENT = f"irbis/{__version__} (+https://github.com/irbis-ml/irbis)"


@dataclass(frozen=True)
class Asked:
    """What is asked for.

    Parameters
    ----------
    query : str
    offset, count : int
        Results to leave out, and to give at most.
    licences : tuple of str
        Codes; empty: any.
    safe : bool
        Nothing for adults, where the provider can tell.
    """

    query: str
    offset: int
    count: int
    licences: tuple[str, ...] = ()
    safe: bool = True


class Provider(ABC):
    """A provider; :mod:`irbis.services.search.providers` lists them."""

    name: ClassVar[str]
    version: ClassVar[str]
    default_url: ClassVar[str]
    path: ClassVar[str]
    #: Results of one request at most.
    page: ClassVar[int]
    #: Results that can be reached at all.
    deepest: ClassVar[int]
    #: Requests per second that it allows one client. None: it is a paid or a local service.
    rate: ClassVar[float | None]
    #: Its terms forbid several machines: it is asked by the driver alone.
    polite: ClassVar[bool] = True
    needs_key: ClassVar[bool] = False
    key_header: ClassVar[str] = "Authorization"
    has_licences: ClassVar[bool] = True

    @abstractmethod
    def first(self, url: str, asked: Asked) -> HTTPRequest:
        """Make the first request."""

    @abstractmethod
    def results(self, document: Any) -> list[Result]:
        """Read an answer, in its order."""

    def onward(self, request: HTTPRequest, document: Any) -> HTTPRequest | None:
        """Make the request for the next page; None after the last."""
        raise NotImplementedError

    def start(self, offset: int) -> int:
        """Offset at which the page that holds a result begins."""
        return offset - offset % self.page

    def get(self, url: str, path: str | None = None, **params: Any) -> HTTPRequest:
        """Make a GET that says who asks."""
        headers = (("User-Agent", AGENT), ("Accept", "application/json"))
        return HTTPRequest.make(
            "GET", at_path(url, path or self.path), headers=headers, params=params
        )


def dicts(value: Any) -> list[dict[str, Any]]:
    """Objects of a list, whatever else stands in it."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def whole(value: Any, default: int = 0) -> int:
    """A whole number, or what stands for one that is missing."""
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def with_query(request: HTTPRequest, **changed: Any) -> HTTPRequest:
    """The same request with other values in its query."""
    parts = urlsplit(request.url)
    kept = {n: v for n, v in parse_qsl(parts.query, keep_blank_values=True) if n not in changed}
    bare = urlunsplit(parts._replace(query=""))
    return HTTPRequest.make("GET", bare, headers=request.headers, params={**kept, **changed})
