"""Requests about faces that were detected before. Imports no pyspark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from irbis.http.failure import Failure, InvalidRequestError
from irbis.http.request import HTTPRequest
from irbis.services.operation import Operation, Row, at_path

__all__ = ["OnFaces"]


@dataclass(frozen=True)
class OnFaces(Operation):
    """Send a row's values as JSON.

    Parameters
    ----------
    path : str
    ways : tuple of tuples of str
        Sets of values, of which a row must have exactly one.
    more : tuple of str
        Values that are sent if they are there.
    fixed : tuple of (name, value)
    """

    path: str = ""
    ways: tuple[tuple[str, ...], ...] = ()
    more: tuple[str, ...] = ()
    fixed: tuple[tuple[str, Any], ...] = ()

    def request(self, url: str, rows: Sequence[Row]) -> HTTPRequest | Failure:
        """Post the values that are there."""
        (row,) = rows
        known = {name for way in self.ways for name in way}
        given = {name for name in known if row.get(name) is not None}
        if not any(given >= set(way) for way in self.ways):
            words = ", or ".join(" and ".join(way) for way in self.ways)
            return Failure("null", f"no {words}")
        if not any(given == set(way) for way in self.ways):
            raise InvalidRequestError("more than one of " + " | ".join(map("+".join, self.ways)))
        names = [n for n in dict.fromkeys(n for way in self.ways for n in way) if n in given]
        body = {n: row[n] for n in (*names, *self.more) if row.get(n) is not None}
        body.update({n: v for n, v in self.fixed if v is not None})
        return HTTPRequest.make("POST", at_path(url, self.path), json=body)
