"""All pictures of a discovery, by content: counted and chosen from by Spark, never all on the driver."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from irbis.detect.store import digest
from irbis.errors import DataError

__all__ = ["Listing", "content_hash", "copy_some", "listing"]

# Contents near the edge of the sample that are looked at: more than are taken, as sha256 is spread
# evenly but not exactly so.
_SPARE = 1.5


@dataclass(frozen=True)
class Listing:
    """What there is.

    Parameters
    ----------
    frame : DataFrame
        path, label and sha256, from a Parquet table.
    counts : dict of float to int
        Pictures of each label.
    digest : str
        Of all contents and labels, whatever their order; 128 bits.
    base : str
        What all paths begin with.
    """

    frame: DataFrame
    counts: dict[float, int]
    digest: str
    base: str

    @property
    def total(self) -> int:
        """Number of pictures."""
        return sum(self.counts.values())

    def chosen(self, most: int) -> list[dict[str, Any]]:
        """Pictures of each label to learn from, in the order of their contents.

        Parameters
        ----------
        most : int
            Of a label. If there are more, those whose sha256 is smallest: a rule, not a draw, that
            has nothing to do with how a picture looks.
        """
        rows: list[dict[str, Any]] = []
        for label, count in sorted(self.counts.items()):
            mine = self.frame.where(F.col("label") == label)
            if count > most:
                edge = min(1.0, _SPARE * most / count)
                mine = mine.where(F.col("sha256") < f"{int(edge * 0xFFFFFFFF):08x}g")
            found = mine.orderBy("sha256", "path").limit(most).toArrow()
            rows += found.select(["path", "label", "sha256"]).to_pylist()
        return sorted(rows, key=lambda row: (row["sha256"], row["path"]))


def content_hash() -> Column:
    """sha256 of the column image; null counts as a file without a byte."""
    return F.sha2(F.coalesce(F.col("image"), F.lit(b"")), 256)


@contextmanager
def listing(frame: DataFrame, place: Path) -> Iterator[Listing]:
    """Hash all pictures once; what is known of them is a narrow table while the block lasts.

    Parameters
    ----------
    frame : DataFrame
        path, label, image.
    place : Path
        Folder for the table; removed in the end.

    Raises
    ------
    DataError
        If a path is both a target and another.
    """
    hashed = frame.select("path", "label", content_hash().alias("sha256"))
    try:
        hashed.write.mode("overwrite").parquet(str(place))
        yield _known(frame.sparkSession.read.parquet(str(place)))
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _known(rows: DataFrame) -> Listing:
    for row in rows.groupBy("path").count().where("count > 1").limit(1).collect():
        raise DataError(
            f"{row['path']} both as target and as other", expected="folders without overlap"
        )
    # Sums and xors do not depend on an order. Two of them: what cancels out in one stays in the other.
    one, two = F.xxhash64("sha256", "label"), F.xxhash64("label", "sha256")
    found = rows.groupBy("label").agg(
        F.count(F.lit(1)).alias("count"),
        F.bit_xor(one).alias("xor"),
        F.sum(two.cast("decimal(38,0)")).cast("string").alias("sum"),
        F.min("path").alias("low"),
        F.max("path").alias("high"),
    )
    parts = sorted(found.collect(), key=lambda r: r["label"])
    made_of = [[r["label"], r["count"], r["xor"], r["sum"]] for r in parts]
    ends = [end for r in parts for end in (r["low"], r["high"])]
    return Listing(
        rows, {r["label"]: r["count"] for r in parts}, digest(contents=made_of), _base(ends)
    )


def _base(paths: list[str]) -> str:
    """Folder that all pictures lie below: what the first and the last path share, all share."""
    if not paths or not all(p.startswith("/") for p in paths):
        return ""
    parents = [Path(p).parent.parts for p in paths]
    shared = 0
    while all(len(p) > shared and p[shared] == parents[0][shared] for p in parents):
        shared += 1
    return str(Path(*parents[0][:shared]))


def copy_some(frame: DataFrame, rows: list[dict[str, Any]], place: Path) -> None:
    """Write path and image of some pictures as Parquet."""
    names = pd.DataFrame({"path": [row["path"] for row in rows]})
    chosen = frame.sparkSession.createDataFrame(names, "path string").hint("broadcast")
    frame.join(chosen, "path").select("path", "image").write.parquet(str(place))
