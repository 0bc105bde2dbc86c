"""GBIF: pictures of occurrences of a species, with the licence of each.

API         https://api.gbif.org/v1: species/search, then occurrence/search
Auth        none
Terms       paging ends at 100,000 records; after that downloads, which this does not do
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

from irbis.http.request import HTTPRequest
from irbis.services.search.licences import licence
from irbis.services.search.provider import Asked, Provider, dicts, whole, with_query
from irbis.services.search.result import Result, result

__all__ = ["Gbif"]

_BACKBONE = "d7dddbf4-2cf0-4f39-9b2a-bb099caae36c"  # GBIF's own taxonomy
_OCCURRENCES, _SPECIES = "/v1/occurrence/search", "/v1/species/search"
_STILL = (None, "StillImage")
_CODES = {"cc0": "CC0_1_0", "by": "CC_BY_4_0", "by-nc": "CC_BY_NC_4_0"}


class Gbif(Provider):
    """A name, scientific or not, becomes a key of the taxonomy; then its occurrences are asked for."""

    name, version = "gbif", "1"
    default_url, path = "https://api.gbif.org", _SPECIES
    page, deepest, rate = 100, 100_000, 2.0

    def first(self, url: str, asked: Asked) -> HTTPRequest:
        """Ask which species is meant; what comes after travels in the request's fragment."""
        request = self.get(
            url, q=asked.query, datasetKey=_BACKBONE, status="ACCEPTED", rank="SPECIES", limit=1
        )
        codes = [_CODES[c] for c in asked.licences if c in _CODES]
        carried = f"{self.start(asked.offset)}|{','.join(codes)}|{quote(asked.query, safe='')}"
        return replace(request, url=f"{request.url}#{carried}")

    def results(self, document: Any) -> list[Result]:
        """Read occurrences: every picture of each; species have none."""
        found = []
        for record in dicts(document.get("results")):
            stills = [m for m in dicts(record.get("media")) if m.get("type") in _STILL]
            found += [_result(record, media) for media in stills]
        return [r for r in found if r is not None]

    def onward(self, request: HTTPRequest, document: Any) -> HTTPRequest | None:
        """Go from the species to its occurrences, and from page to page."""
        base, _, carried = request.url.partition("#")
        if _SPECIES in base:
            start, codes, query = carried.split("|", 2)
            species = dicts(document.get("results"))
            params: dict[str, Any] = {"taxonKey": species[0].get("key")} if species else {}
            if not params:
                params["q"] = unquote(query)
            return self.get(
                base[: base.index(_SPECIES)],
                _OCCURRENCES,
                **params,
                mediaType="StillImage",
                license=codes.split(",") if codes else None,
                limit=self.page,
                offset=start,
            )
        if document.get("endOfRecords", True):
            return None
        offset = whole(document.get("offset")) + whole(document.get("limit"), self.page)
        return with_query(request, offset=offset) if offset < self.deepest else None


def _result(record: dict[str, Any], media: dict[str, Any]) -> Result | None:
    address = media.get("identifier")
    name, deed = licence(media.get("license") or record.get("license"))
    creator = media.get("creator") or media.get("rightsHolder") or record.get("rightsHolder")
    page = f"https://www.gbif.org/occurrence/{record.get('key')}"
    return result(
        address,
        thumbnail=_thumbnail(record.get("key"), address),
        title=media.get("title") or record.get("species") or record.get("scientificName"),
        creator=creator,
        license=name,
        license_url=deed,
        landing_page=media.get("references") or record.get("references") or page,
    )


def _thumbnail(key: Any, address: Any) -> str | None:
    if not isinstance(address, str):
        return None
    digest = hashlib.md5(address.encode(), usedforsecurity=False).hexdigest()
    return f"https://api.gbif.org/v1/image/cache/200x/occurrence/{key}/media/{digest}"
