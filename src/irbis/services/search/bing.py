"""BingImageSearch: the contract of Bing Image Search v7, for whoever has an endpoint that speaks it.

API         Bing Image Search, GET /v7.0/images/search
Version     7.0 (Azure/azure-rest-api-specs, cognitiveservices/data-plane/ImageSearch, stable/v1.0)
Auth        Ocp-Apim-Subscription-Key
End         2025-08-11, everywhere; "Grounding with Bing" gives no raw results. `irbis services`
            speaks the contract over a folder; ImageSearch asks open providers
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, ClassVar

from irbis.converters import one_of, optional, text, whole
from irbis.params import ParamField, param
from irbis.services.retirement import API
from irbis.services.search.bing_request import NAMES, BingSearch
from irbis.services.stage import ServiceStage, column_of

__all__ = ["BingImageSearch"]

_IMAGE = (
    "struct<name:string,contentUrl:string,thumbnailUrl:string,hostPageUrl:string,"
    "hostPageDisplayUrl:string,webSearchUrl:string,datePublished:string,contentSize:string,"
    "encodingFormat:string,width:int,height:int,thumbnail:struct<width:int,height:int>,"
    "imageInsightsToken:string,insightsMetadata:struct<shoppingSourcesCount:int,recipeSourcesCount:int>,"
    "imageId:string,accentColor:string,isFamilyFriendly:boolean,"
    "creativeCommons:string>"
)
_KINDS = ("AnimatedGif", "Clipart", "Line", "Photo", "Shopping", "Transparent")
_LICENCES = ("All", "Any", "Public", "Share", "ShareCommercially", "Modify", "ModifyCommercially")
_COLOURS = (
    "ColorOnly", "Monochrome", "Black", "Blue", "Brown", "Gray", "Green", "Orange", "Pink",
    "Purple", "Red", "Teal", "White", "Yellow",
)  # fmt: skip


def _known(*choices: str) -> Callable[[Any], str | None]:
    """Accept a choice in any case, as Bing does."""
    spelled = {choice.lower(): choice for choice in choices}

    def convert(value: Any) -> str:
        chosen = spelled.get(value.lower()) if isinstance(value, str) else None
        return one_of(*choices)(value if chosen is None else chosen)

    return optional(convert)


class BingImageSearch(ServiceStage):
    """Search pictures by words, as Bing did until 2025-08-11.

    A struct of totalEstimatedMatches, nextOffset and value, the list of images with contentUrl,
    thumbnailUrl, hostPageUrl, name, width, height and more; :class:`GetBingURLs` makes a row of
    each. Microsoft's own hosts are refused before a request; set `url` to an endpoint that speaks
    the contract, such as `irbis services`.

    Parameters
    ----------
    query, queryCol : str, default the column "query"
        What to search for.
    count, countCol : int, default 35, range 1 to 150
        Results at most.
    offset, offsetCol : int, default 0
        Results to leave out.
    imageType : str, optional
        AnimatedGif, Clipart, Line, Photo, Shopping or Transparent.
    license : str, optional
        All, Any, Public, Share, ShareCommercially, Modify or ModifyCommercially.
    safeSearch : str, optional
        Off, Moderate (the service's default) or Strict.
    market : str, optional
        Such as "en-US": where results come from.
    aspect, color, freshness, size, imageContent : str, optional
        All, Square, Wide, Tall; a colour; Day, Week, Month; Small, Medium, Large, Wallpaper, All;
        Face or Portrait.
    height, width, minHeight, minWidth, maxHeight, maxWidth : int, pixels, optional
    minFileSize, maxFileSize : int, bytes, optional

    Examples
    --------
    >>> import pyarrow as pa
    >>> from irbis.samples import PETS
    >>> from irbis.services.local.running import local_services
    >>> with local_services(PETS) as url:
    ...     search = BingImageSearch(url=url, count=1, imageType="photo", outputCol="images")
    ...     found = search.transform(pa.table({"query": ["Siamese cat"]}))
    >>> found["images"][0].as_py()["totalEstimatedMatches"]
    6
    """

    api: ClassVar[API] = API(
        "Bing Image Search",
        "7.0",
        retires=dt.date(2025, 8, 11),
        successor="ImageSearch, or `irbis services` by setUrl",
        hosts=(".bing.microsoft.com", ".cognitive.microsoft.com"),
    )
    answer: ClassVar[str] = (
        "struct<_type:string,readLink:string,webSearchUrl:string,totalEstimatedMatches:bigint,"
        f"nextOffset:int,value:array<{_IMAGE}>>"
    )
    default_url: ClassVar[str | None] = "https://api.bing.microsoft.com"
    expects: ClassVar[dict[str, str]] = {"count": "whole", "offset": "whole"}

    query: ParamField[str | None] = param("what to search for", optional(text), default=None)
    queryCol: ParamField[str | None] = param("column of queries", optional(text), default="query")
    count: ParamField[int | None] = param(
        "results at most; None: the service's 35", optional(whole(1, 150)), default=None
    )
    countCol: ParamField[str | None] = column_of("count")
    offset: ParamField[int | None] = param("results to leave out", optional(whole(0)), default=None)
    offsetCol: ParamField[str | None] = column_of("offset")
    imageType: ParamField[str | None] = param("kind of picture", _known(*_KINDS), default=None)
    license: ParamField[str | None] = param(
        "what must be allowed", _known(*_LICENCES), default=None
    )
    safeSearch: ParamField[str | None] = param(
        "filter of adult content", _known("Off", "Moderate", "Strict"), default=None
    )
    market: ParamField[str | None] = param("such as 'en-US'", optional(text), default=None)
    aspect: ParamField[str | None] = param(
        "shape", _known("All", "Square", "Wide", "Tall"), default=None
    )
    color: ParamField[str | None] = param("colour", _known(*_COLOURS), default=None)
    freshness: ParamField[str | None] = param("age", _known("Day", "Week", "Month"), default=None)
    size: ParamField[str | None] = param(
        "size", _known("Small", "Medium", "Large", "Wallpaper", "All"), default=None
    )
    imageContent: ParamField[str | None] = param(
        "what is in it", _known("Face", "Portrait"), default=None
    )
    height: ParamField[int | None] = param("exact height, pixels", optional(whole(1)), default=None)
    width: ParamField[int | None] = param("exact width, pixels", optional(whole(1)), default=None)
    minHeight: ParamField[int | None] = param(
        "least height, pixels", optional(whole(1)), default=None
    )
    minWidth: ParamField[int | None] = param(
        "least width, pixels", optional(whole(1)), default=None
    )
    maxHeight: ParamField[int | None] = param(
        "most height, pixels", optional(whole(1)), default=None
    )
    maxWidth: ParamField[int | None] = param("most width, pixels", optional(whole(1)), default=None)
    minFileSize: ParamField[int | None] = param(
        "least size, bytes", optional(whole(1)), default=None
    )
    maxFileSize: ParamField[int | None] = param(
        "most size, bytes", optional(whole(1)), default=None
    )

    def operation(self) -> BingSearch:
        """See :class:`irbis.services.search.bing_request.BingSearch`."""
        chosen = {bing: self.value(ours) for ours, bing in NAMES.items()}
        return BingSearch(
            type=self.answer_type(),
            needs=("query",),
            fixed=tuple((n, v) for n, v in chosen.items() if v is not None),
        )
