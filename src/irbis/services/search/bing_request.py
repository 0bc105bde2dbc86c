"""The request of Bing Image Search v7. Imports no pyspark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from irbis.http.failure import Failure, InvalidRequestError
from irbis.http.request import HTTPRequest
from irbis.services.operation import Operation, Row, at_path

__all__ = ["NAMES", "BingSearch"]

#: Our Params to the names in Bing's query: those that are the same for all rows.
NAMES: dict[str, str] = {
    "imageType": "imageType",
    "license": "license",
    "safeSearch": "safeSearch",
    "market": "mkt",
    "aspect": "aspect",
    "color": "color",
    "freshness": "freshness",
    "size": "size",
    "imageContent": "imageContent",
    "height": "height",
    "width": "width",
    "minHeight": "minHeight",
    "minWidth": "minWidth",
    "maxHeight": "maxHeight",
    "maxWidth": "maxWidth",
    "minFileSize": "minFileSize",
    "maxFileSize": "maxFileSize",
}


@dataclass(frozen=True)
class BingSearch(Operation):
    """Asks for one page of results.

    Parameters
    ----------
    fixed : tuple of (name, value)
        Of the query, the same for all rows.
    """

    fixed: tuple[tuple[str, Any], ...] = ()

    def request(self, url: str, rows: Sequence[Row]) -> HTTPRequest | Failure:
        """Make a GET; null is left out."""
        (row,) = rows
        if not row["query"].strip():
            raise InvalidRequestError("an empty query")
        asked = {"q": row["query"], "count": row.get("count"), "offset": row.get("offset")}
        return HTTPRequest.make(
            "GET", at_path(url, "/v7.0/images/search"), params={**asked, **dict(self.fixed)}
        )
