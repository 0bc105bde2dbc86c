"""The pictures of `irbis discover`: folders of the user, a search, or both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irbis.detect.gathering import SOURCES, gather
from irbis.errors import ParamError

__all__ = ["Chosen", "choose"]


@dataclass(frozen=True)
class Chosen:
    """Folders of both sides, and whose the pictures of a search are."""

    images: list[Path]
    others: list[Path]
    credits: list[dict[str, Any]]


def choose(
    target: str,
    out: Path,
    images: Sequence[Path] | None,
    others: Sequence[Path] | None,
    *,
    source: str | None = None,
    words: Sequence[str] | None = None,
    count: int = 100,
    url: str | None = None,
    key: str | None = None,
) -> Chosen:
    """Take the user's folders, or search for what is missing.

    Raises
    ------
    ParamError
        If neither folders nor a source are named, or both for the target.
    """
    if source is None:
        if not images or not others:
            raise ParamError(
                "no pictures of one side",
                expected="--images and --others, or --source",
                do=f"name folders, or search: --source {'|'.join(SOURCES)}",
            )
        return Chosen(list(images), list(others), [])
    if images:
        raise ParamError("--images and --source", expected="one of them")
    found = gather(
        target,
        out,
        source=source,
        words=words or (),
        count=count,
        url=url,
        key=key,
        search_others=not others,
    )
    asked = "" if others else f", {sum('/other/' in c['file'] for c in found.credits)} of others"
    of_target = sum("/target/" in c["file"] for c in found.credits)
    print(f"{source}: {of_target} pictures of {target!r}{asked}; {found.failed} failed")
    return Chosen([found.images], list(others) if others else [found.others], found.credits)
