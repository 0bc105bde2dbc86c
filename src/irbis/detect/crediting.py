"""Whose the pictures of a report are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from irbis.detect.catalog import Catalog

__all__ = ["credits_of", "licences"]


def credits_of(told: Sequence[Mapping[str, Any]], catalog: Catalog) -> list[dict[str, Any]]:
    """One entry for each picture that was used, in the order of names.

    Parameters
    ----------
    told : sequence of mappings
        `file` and what a search said of it; addresses that are no web addresses are left out.
    catalog : Catalog
    """
    known = {PurePath(row["file"]).name: row for row in told}
    names = sorted({PurePath(row["path"]).name for row in catalog.rows})
    return [_entry(name, known[name]) for name in names if name in known]


def _entry(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    page = row.get("landing_page") or row.get("url")
    kept = {
        n: row.get(n) for n in ("title", "creator", "license", "source", "query", "attribution")
    }
    return {"name": name, **kept, "page": _web(page), "license_url": _web(row.get("license_url"))}


def _web(url: Any) -> str | None:
    """The address, if a browser may follow it: what a search says is not ours."""
    return url if isinstance(url, str) and urlsplit(url).scheme in {"http", "https"} else None


def licences(entries: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many pictures there are under each licence, the commonest first."""
    counted = Counter(entry["license"] or "not said" for entry in entries)
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))
