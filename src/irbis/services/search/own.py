"""A folder of pictures behind `irbis services`: the provider "local".

API         /irbis/v1/images/search of irbis services, version 1
Auth        none, or the key it was started with
"""

from __future__ import annotations

from typing import Any

from irbis.http.request import HTTPRequest
from irbis.services.search.licences import licence
from irbis.services.search.provider import Asked, Provider, dicts, whole, with_query
from irbis.services.search.result import Result, result

__all__ = ["Own"]


class Own(Provider):
    """Exact offsets, 150 a page."""

    name, version = "local", "1"
    default_url, path = "http://127.0.0.1:8765", "/irbis/v1/images/search"
    page, deepest, rate = 150, 1 << 31, None
    polite, key_header = False, "Ocp-Apim-Subscription-Key"

    def first(self, url: str, asked: Asked) -> HTTPRequest:
        """Ask for results from the offset on."""
        many = self.page if asked.licences else min(asked.count, self.page)
        return self.get(url, q=asked.query, offset=asked.offset, count=many)

    def start(self, offset: int) -> int:
        """Offsets are exact here."""
        return offset

    def results(self, document: Any) -> list[Result]:
        """Read a page."""
        found = []
        for item in dicts(document.get("results")):
            name, deed = licence(item.get("license"), item.get("license_url"))
            kept = (
                "thumbnail",
                "width",
                "height",
                "title",
                "creator",
                "attribution",
                "landing_page",
            )
            fields = {n: item.get(n) for n in kept}
            found.append(result(item.get("url"), license=name, license_url=deed, **fields))
        return [r for r in found if r is not None]

    def onward(self, request: HTTPRequest, document: Any) -> HTTPRequest | None:
        """Ask for the next page, as long as there is one."""
        offset = whole(document.get("offset")) + len(dicts(document.get("results")))
        if not dicts(document.get("results")) or offset >= whole(document.get("total")):
            return None
        return with_query(request, offset=offset)
