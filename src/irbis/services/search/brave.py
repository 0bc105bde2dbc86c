"""Brave image search: the closest there is to Bing's, without licences.

API         https://api.search.brave.com/res/v1/images/search
Auth        X-Subscription-Token, a paid key
Terms       by contract; which results may be stored was not found out: read yours
"""

from __future__ import annotations

from typing import Any

from irbis.http.request import HTTPRequest
from irbis.services.search.provider import Asked, Provider, dicts
from irbis.services.search.result import Result, result

__all__ = ["Brave"]


class Brave(Provider):
    """One page of up to 200 results, no offset."""

    name, version = "brave", "1"
    default_url, path = "https://api.search.brave.com", "/res/v1/images/search"
    page, deepest, rate = 200, 200, None
    polite, needs_key, key_header, has_licences = False, True, "X-Subscription-Token", False

    def first(self, url: str, asked: Asked) -> HTTPRequest:
        """Ask for as many as offset and count need."""
        many = min(asked.offset + asked.count, self.page)
        return self.get(
            url, q=asked.query, count=many, safesearch="strict" if asked.safe else "off"
        )

    def results(self, document: Any) -> list[Result]:
        """Read the answer."""
        found = []
        for item in dicts(document.get("results")):
            whole, small = item.get("properties") or {}, item.get("thumbnail") or {}
            found.append(
                result(
                    whole.get("url"),
                    thumbnail=small.get("src"),
                    width=whole.get("width"),
                    height=whole.get("height"),
                    title=item.get("title"),
                    landing_page=item.get("url"),
                )
            )
        return [r for r in found if r is not None]

    def start(self, offset: int) -> int:
        """The page always begins at the first."""
        del offset
        return 0

    def onward(self, request: HTTPRequest, document: Any) -> HTTPRequest | None:
        """There is no further page."""
        del request, document
        return None
