"""Requests about one picture, by its address or its bytes. Imports no pyspark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from irbis.http.failure import Failure, InvalidRequestError
from irbis.http.reading import load, reader
from irbis.http.request import HTTPRequest
from irbis.http.response import HTTPResponse
from irbis.services.operation import Operation, Row, at_path
from irbis.services.polling import Polled

__all__ = ["OnPicture", "PolledOnPicture", "Thumbnail", "WithObjects", "with_parents"]


@dataclass(frozen=True)
class OnPicture(Operation):
    """Ask about a picture.

    Parameters
    ----------
    path : str
        Of the operation; ``{name}`` stands for a row's value.
    query : tuple of (query name, row's name)
        Lists are joined by commas; null is left out.
    fixed : tuple of (query name, value)
    """

    path: str = ""
    query: tuple[tuple[str, str], ...] = ()
    fixed: tuple[tuple[str, Any], ...] = ()

    def request(self, url: str, rows: Sequence[Row]) -> HTTPRequest | Failure:
        """Post the address as JSON, or the bytes as they are."""
        (row,) = rows
        address, content = row.get("imageUrl"), row.get("imageBytes")
        if address is None and content is None:
            return Failure("null", "neither imageUrl nor imageBytes")
        if address is not None and content is not None:
            raise InvalidRequestError("both imageUrl and imageBytes")
        asked = {name: _joined(row.get(value)) for name, value in self.query}
        params = {**asked, **{name: _joined(value) for name, value in self.fixed}}
        parts = {name: quote(value, safe="") for name, value in row.items() if _is_text(value)}
        where = at_path(url, self.path.format_map(parts))
        if content is None:
            return HTTPRequest.make("POST", where, params=params, json={"url": address})
        plain = {"Content-Type": "application/octet-stream"}
        return HTTPRequest.make("POST", where, params=params, headers=plain, body=bytes(content))


@dataclass(frozen=True)
class WithObjects(OnPicture):
    """Answers that hold objects, whose parents nest without end: they become a list."""

    def read(self, response: HTTPResponse, rows: Sequence[Row]) -> Sequence[Any]:
        """Read the answer, its objects' parents as lists, the nearest first."""
        assert len(rows) == 1
        return [reader(self.type)(with_parents(load(response.body)), "$")]


def with_parents(document: Any) -> Any:
    """Turn each object's chain of parents into a list.

    Examples
    --------
    >>> with_parents({"objects": [{"object": "cat", "parent": {"object": "animal"}}]})
    {'objects': [{'object': 'cat', 'parents': [{'object': 'animal'}]}]}
    """
    if not isinstance(document, dict) or not isinstance(document.get("objects"), list):
        return document
    return {**document, "objects": [_listed(found) for found in document["objects"]]}


def _listed(found: Any) -> Any:
    if not isinstance(found, dict):
        return found
    parents, above = [], found.get("parent")
    while isinstance(above, dict):
        parents.append({n: v for n, v in above.items() if n != "parent"})
        above = above.get("parent")
    return {**{n: v for n, v in found.items() if n != "parent"}, "parents": parents}


@dataclass(frozen=True)
class Thumbnail(OnPicture):
    """Answers that are pictures."""

    def read(self, response: HTTPResponse, rows: Sequence[Row]) -> Sequence[Any]:
        """Take the body as it is."""
        assert len(rows) == 1
        return [response.body]


@dataclass(frozen=True)
class PolledOnPicture(OnPicture, Polled):
    """An asynchronous operation on a picture."""


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _joined(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return ",".join(str(v) for v in value) or None
    return value
