"""iNaturalist: photographs of observations, by taxon, common names too.

API         https://api.inaturalist.org/v1/observations
Auth        none to read
Terms       about 1 request a second, 10,000 a day; 10,000 results a query: more from its open data
            bucket on AWS, which is no search. Asked by the driver alone
"""

from __future__ import annotations

import re
from typing import Any

from irbis.http.request import HTTPRequest
from irbis.services.search.licences import CODES, licence
from irbis.services.search.provider import Asked, Provider, dicts, whole, with_query
from irbis.services.search.result import Result, result

__all__ = ["INaturalist"]


class INaturalist(Provider):
    """Research-grade observations with photographs under an open licence."""

    name, version = "inaturalist", "1"
    default_url, path = "https://api.inaturalist.org", "/v1/observations"
    page, deepest, rate = 100, 10_000, 1.0

    def first(self, url: str, asked: Asked) -> HTTPRequest:
        """Ask for the page of observations in which the offset lies."""
        codes = [c for c in asked.licences or CODES if c != "pdm"]
        return self.get(
            url,
            taxon_name=asked.query,
            photos=True,
            photo_license=",".join("cc0" if c == "cc0" else f"cc-{c}" for c in codes),
            quality_grade="research",
            order_by="id",
            order="desc",
            per_page=self.page,
            page=asked.offset // self.page + 1,
        )

    def results(self, document: Any) -> list[Result]:
        """Read observations: every photograph of each that has a licence."""
        found = []
        for observation in dicts(document.get("results")):
            open_ = [p for p in dicts(observation.get("photos")) if p.get("license_code")]
            found += [_result(observation, photo) for photo in open_]
        return [r for r in found if r is not None]

    def onward(self, request: HTTPRequest, document: Any) -> HTTPRequest | None:
        """Ask for the next page, as long as there is one."""
        page, size = whole(document.get("page"), 1), whole(document.get("per_page"), self.page)
        if page * size >= min(whole(document.get("total_results")), self.deepest):
            return None
        return with_query(request, page=page + 1)


def _result(observation: dict[str, Any], photo: dict[str, Any]) -> Result | None:
    small = photo.get("url")
    if not isinstance(small, str):
        return None
    taxon, user = observation.get("taxon") or {}, observation.get("user") or {}
    size = photo.get("original_dimensions") or {}
    name, deed = licence(photo.get("license_code"), version="4.0")
    return result(
        _at_size(small, "large"),
        thumbnail=_at_size(small, "small"),
        width=_fitted(size)[0],
        height=_fitted(size)[1],
        title=taxon.get("preferred_common_name") or taxon.get("name"),
        creator=user.get("name") or user.get("login"),
        license=name,
        license_url=deed,
        attribution=photo.get("attribution"),
        landing_page=observation.get("uri"),
    )


def _at_size(address: str, size: str) -> str:
    """The same photograph at another size: square (75 px), small (240), large (1024), original."""
    return re.sub(r"/(square|thumb|small|medium|large|original)\.", f"/{size}.", address)


def _fitted(size: dict[str, Any]) -> tuple[int | None, int | None]:
    """Size of "large": at most 1024 pixels."""
    width, height = size.get("width"), size.get("height")
    if not isinstance(width, int) or not isinstance(height, int) or width < 1 or height < 1:
        return None, None
    by = min(1.0, 1024 / max(width, height))
    return max(1, round(width * by)), max(1, round(height * by))
