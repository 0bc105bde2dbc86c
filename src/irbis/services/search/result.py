"""The one shape of a found picture, whoever found it. Imports no pyspark."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, TypedDict, cast

__all__ = ["RESULT", "Result", "result", "without_tags"]

#: DDL of a result; docs/services.md says what each field is.
RESULT = (
    "struct<url:string,thumbnail:string,width:int,height:int,title:string,creator:string,"
    "license:string,license_url:string,attribution:string,landing_page:string,source:string,"
    "query:string,rank:int>"
)


class Result(TypedDict, total=False):
    """A result before source, query and rank are known."""

    url: str
    thumbnail: str | None
    width: int | None
    height: int | None
    title: str | None
    creator: str | None
    license: str | None
    license_url: str | None
    attribution: str | None
    landing_page: str | None


def result(url: Any, **fields: Any) -> Result | None:
    """Make a result; None without an address. Empty texts are null, and so is what is no number.

    An attribution that the provider does not give is put together of title, creator and licence.
    """
    if not isinstance(url, str) or not url:
        return None
    made: dict[str, Any] = {"url": url}
    for name, value in fields.items():
        if name in {"width", "height"}:
            made[name] = int(value) if isinstance(value, (int, float)) and value > 0 else None
        else:
            made[name] = str(value).strip() if value else None
    if not made.get("attribution"):
        made["attribution"] = _attribution(made)
    return cast("Result", made)


def _attribution(made: dict[str, Any]) -> str | None:
    title, creator, license_ = (made.get(n) for n in ("title", "creator", "license"))
    if not creator and not license_:
        return None
    named = f'"{title}"' if title else "Untitled"
    author = f" by {creator}" if creator else ""
    return f"{named}{author}" + (f", {license_}" if license_ else "")


def without_tags(text: Any) -> str | None:
    """Text of a piece of HTML, on one line.

    Examples
    --------
    >>> without_tags('<a href="//x.example/U">Ann &amp; Bob</a>')
    'Ann & Bob'
    """
    if not isinstance(text, str):
        return None
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", text))).strip() or None
