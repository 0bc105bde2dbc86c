"""Wikimedia Commons: files by words, with licence and author.

API         https://commons.wikimedia.org/w/api.php (MediaWiki action API, formatversion 2)
Auth        none; a User-Agent that leads to somebody
Terms       one request at a time
"""

from __future__ import annotations

from typing import Any

from irbis.http.request import HTTPRequest
from irbis.services.search.licences import licence
from irbis.services.search.provider import Asked, Provider, dicts, with_query
from irbis.services.search.result import Result, result, without_tags

__all__ = ["Wikimedia"]

_METADATA = "LicenseShortName|LicenseUrl|Artist|ObjectName|Attribution"


class Wikimedia(Provider):
    """Bitmaps of the namespace File, best match first."""

    name, version = "wikimedia", "1"
    default_url, path = "https://commons.wikimedia.org", "/w/api.php"
    page, deepest, rate = 50, 10_000, 1.0

    def first(self, url: str, asked: Asked) -> HTTPRequest:
        """Ask for results from the offset on."""
        return self.get(
            url,
            action="query",
            format="json",
            formatversion=2,
            generator="search",
            gsrsearch=f"{asked.query} filetype:bitmap",
            gsrnamespace=6,
            gsrlimit=self.page,
            gsroffset=asked.offset,
            prop="imageinfo",
            iiprop="url|size|mime|extmetadata",
            iiextmetadatafilter=_METADATA,
            iiurlwidth=320,
            maxlag=5,
        )

    def start(self, offset: int) -> int:
        """Offsets are exact here."""
        return offset

    def results(self, document: Any) -> list[Result]:
        """Read a page; its order is that of `index`."""
        pages = dicts((document.get("query") or {}).get("pages"))
        found = []
        for page in sorted(pages, key=lambda p: p.get("index", 0)):
            found += [_result(page, info) for info in dicts(page.get("imageinfo"))[:1]]
        return [r for r in found if r is not None]

    def onward(self, request: HTTPRequest, document: Any) -> HTTPRequest | None:
        """Go where the answer says one may continue."""
        onward = document.get("continue")
        return with_query(request, **onward) if isinstance(onward, dict) else None


def _result(page: dict[str, Any], info: dict[str, Any]) -> Result | None:
    said = info.get("extmetadata") or {}

    def told(name: str) -> str | None:
        return without_tags((said.get(name) or {}).get("value"))

    name, deed = licence(told("LicenseShortName"), told("LicenseUrl"))
    title = str(page.get("title", "")).removeprefix("File:")
    return result(
        info.get("url"),
        thumbnail=info.get("thumburl"),
        width=info.get("width"),
        height=info.get("height"),
        title=told("ObjectName") or title,
        creator=told("Artist"),
        license=name,
        license_url=deed,
        attribution=told("Attribution"),
        landing_page=info.get("descriptionurl"),
    )
