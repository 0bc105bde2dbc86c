"""Which pictures teach and which are asked about; what resembles never stands on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from irbis.detect import catalog as catalogs
from irbis.detect.catalog import Catalog
from irbis.detect.listing import content_hash
from irbis.errors import DataError
from irbis.image.duplicates import groups_of

__all__ = ["NEAR", "Split", "split"]

#: Bits of dHashes: pictures this alike are of one group.
NEAR = 3


@dataclass(frozen=True)
class Split:
    """The pictures of a study.

    Parameters
    ----------
    catalog : Catalog
        A third of each class is held out, as for :func:`irbis.discover`.
    groups : dict of sha256 to str
        Near-duplicates, over both classes.
    left_out : int
        Files that take no part: a content that is there already, or is in both classes; a picture
        that would teach and resembles one of the other class that is held out.
    """

    catalog: Catalog
    groups: dict[str, str]
    left_out: int


def _contents(frame: DataFrame) -> list[dict[str, Any]]:
    """path, label and sha256 of all pictures, in the order of their contents."""
    table = frame.select("path", "label", content_hash().alias("sha256")).toArrow()
    rows: list[dict[str, Any]] = table.to_pylist()
    twice = len(rows) - len({row["path"] for row in rows})
    if twice:
        raise DataError(f"{twice} paths on both sides", expected="folders without overlap")
    return sorted(rows, key=lambda row: (row["sha256"], row["path"]))


def split(spark: SparkSession, images: Sequence[str | Path], others: Sequence[str | Path]) -> Split:
    """Read folders and split them.

    Raises
    ------
    DataError
        If a folder can't be read or holds too few pictures.
    """
    frame = catalogs.read(spark, images, others)
    rows = _contents(frame)
    hashed = catalogs.fingerprints(frame, rows)
    found = catalogs.build(frame, rows, hashed)
    hashes = dict(zip(hashed["sha256"].to_pylist(), hashed["hash"].to_pylist(), strict=True))
    known = sorted({row["sha256"] for row in found.rows})
    group = dict(zip(known, groups_of([hashes[sha] for sha in known], NEAR), strict=True))
    sides = [{r["sha256"] for r in found.select(label)} for label in (0.0, 1.0)]
    asked = {group[r["sha256"]] for r in found.select(held_out=True)}
    once = {row["sha256"]: row for row in found.rows}.values()
    kept = [
        row
        for row in once
        if row["sha256"] not in sides[0] & sides[1]
        and (row["held_out"] or group[row["sha256"]] not in asked)
    ]
    for label in (0.0, 1.0):
        for held in (True, False):
            if not any(r["label"] == label and r["held_out"] == held for r in kept):
                raise DataError(
                    "every picture of a class resembles one of the other class",
                    expected="folders that show different things",
                )
    return Split(replace(found, rows=kept), group, len(found.rows) - len(kept))
