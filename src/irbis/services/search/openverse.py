"""Openverse: openly licensed pictures of many collections.

API         https://api.openverse.org/v1/images/
Auth        none; a token (OAuth2 client credentials) for more than 20 a page and 1 request a second
Terms       no scraping, no several machines around the limits: asked by the driver alone
"""

from __future__ import annotations

from typing import Any

from irbis.http.request import HTTPRequest
from irbis.services.search.licences import licence
from irbis.services.search.provider import Asked, Provider, dicts, whole, with_query
from irbis.services.search.result import Result, result

__all__ = ["Openverse"]


class Openverse(Provider):
    """Pages are numbered; without a token there are 20 of 20 results."""

    name, version = "openverse", "1"
    default_url, path = "https://api.openverse.org", "/v1/images/"
    page, deepest, rate = 20, 400, 1.0

    def first(self, url: str, asked: Asked) -> HTTPRequest:
        """Ask for the page in which the offset lies."""
        return self.get(
            url,
            q=asked.query,
            page=asked.offset // self.page + 1,
            page_size=self.page,
            license=",".join(asked.licences) or None,
            mature=None if asked.safe else True,
        )

    def results(self, document: Any) -> list[Result]:
        """Read a page."""
        found = []
        for item in dicts(document.get("results")):
            name, deed = licence(
                item.get("license"), item.get("license_url"), item.get("license_version")
            )
            found.append(
                result(
                    item.get("url"),
                    thumbnail=item.get("thumbnail"),
                    width=item.get("width"),
                    height=item.get("height"),
                    title=item.get("title"),
                    creator=item.get("creator"),
                    license=name,
                    license_url=deed,
                    attribution=item.get("attribution"),
                    landing_page=item.get("foreign_landing_url"),
                )
            )
        return [r for r in found if r is not None]

    def onward(self, request: HTTPRequest, document: Any) -> HTTPRequest | None:
        """Ask for the next page, as long as there is one."""
        page = whole(document.get("page"), 1)
        if page >= min(whole(document.get("page_count")), self.deepest // self.page):
            return None
        return with_query(request, page=page + 1)
