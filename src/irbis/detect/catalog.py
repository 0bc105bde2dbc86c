"""The pictures of a discovery: which there are, which failed, which are held out.

A picture is known by its content (sha256): where it lies and what it is called decide nothing, not
even an order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pandas as pd
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from irbis.detect.holdout import fold, held_out
from irbis.errors import DataError
from irbis.image.collection import Source, collection, is_table
from irbis.image.duplicates import groups_of
from irbis.image.perceptual_hash import PerceptualHash
from irbis.image.reading import read_pictures

__all__ = ["Catalog", "build", "fingerprints", "read"]

# Bits of a hash: pictures this alike are of one group, which no split cuts.
_NEAR = 3


@dataclass(frozen=True)
class Catalog:
    """All pictures.

    Parameters
    ----------
    frame : DataFrame
        path, image.
    rows : list of dict
        path, label (1.0 target, 0.0 other), sha256, held_out and fold (of cross-validation) of the
        good pictures, in the order of their contents.
    failures : list of (path, kind, message)
    """

    frame: DataFrame
    rows: list[dict[str, Any]]
    failures: list[tuple[str, str, str]]

    def select(
        self, label: float | None = None, held_out: bool | None = None
    ) -> list[dict[str, Any]]:
        """Rows with a label, on a side."""
        return [
            row
            for row in self.rows
            if label in (None, row["label"]) and held_out in (None, row["held_out"])
        ]

    def paths(self, label: float | None = None, held_out: bool | None = None) -> list[str]:
        """Paths of the same."""
        return [row["path"] for row in self.select(label, held_out)]

    def images(
        self,
        label: float | None = None,
        held_out: bool | None = None,
        contents: Collection[str] | None = None,
    ) -> DataFrame:
        """sha256 and image of the same, or of those among `contents`; each content once."""
        once = {
            row["sha256"]: row["path"]
            for row in self.select(label, held_out)
            if contents is None or row["sha256"] in contents
        }
        return _images(self.frame, once)

    def read(self, paths: Sequence[str]) -> dict[str, bytes]:
        """Encoded pictures by path."""
        rows = self.frame.where(F.col("path").isin(list(paths))).select("path", "image").toArrow()
        return dict(zip(rows["path"].to_pylist(), rows["image"].to_pylist(), strict=True))


def read(spark: SparkSession, images: Sequence[Source], others: Sequence[Source]) -> DataFrame:
    """Folders and tables as a frame of path, image and label (1.0 target, 0.0 other).

    Raises
    ------
    DataError
        If a folder is missing or empty.
    """
    sides = [
        _side(spark, side).withColumn("label", F.lit(label))
        for side, label in ((images, 1.0), (others, 0.0))
    ]
    return reduce(DataFrame.unionByName, sides)


def _side(spark: SparkSession, sources: Sequence[Source]) -> DataFrame:
    tables = [collection(spark, s).table for s in sources if is_table(s)]
    folders = [s for s in sources if not is_table(s) and not isinstance(s, DataFrame)]
    frames = [table for table in tables if table is not None]
    return reduce(
        DataFrame.unionByName, [*([read_pictures(spark, folders)] if folders else []), *frames]
    )


def fingerprints(frame: DataFrame, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Perceptual hash of each content, and what is wrong where there is none.

    Returns
    -------
    pa.Table of sha256, hash, kind, message
    """
    hashed = PerceptualHash().transform(_images(frame, {r["sha256"]: r["path"] for r in rows}))
    error = F.col("hash_error")
    return hashed.select(
        "sha256", "hash", error["kind"].alias("kind"), error["message"].alias("message")
    ).toArrow()


def build(frame: DataFrame, rows: Sequence[Mapping[str, Any]], hashed: pa.Table) -> Catalog:
    """Split the pictures into those that teach and those that are held out.

    Parameters
    ----------
    frame : DataFrame
        From :func:`read`.
    rows : sequence of mappings
        path, label and sha256, from :meth:`irbis.detect.listing.Listing.chosen`.
    hashed : pa.Table
        From :func:`fingerprints`.

    Raises
    ------
    DataError
        If too few pictures of a class can be read to learn from and to hold out.
    """
    found = {row["sha256"]: row for row in hashed.to_pylist()}
    pictures = [{**row, **found[row["sha256"]]} for row in rows]
    failures = [(r["path"], r["kind"], r["message"]) for r in pictures if r["hash"] is None]
    good = [row for row in pictures if row["hash"] is not None]
    sides: dict[str, bool] = {}
    folds: dict[str, int] = {}
    for label, name in ((1.0, "target"), (0.0, "other")):
        mine = [row for row in good if row["label"] == label]
        if len(mine) < 6:
            raise DataError(f"{len(mine)} readable {name} pictures", expected="at least 6")
        alike = groups_of([row["hash"] for row in mine], _NEAR)
        chosen = held_out(alike)
        sides |= {row["path"]: side for row, side in zip(mine, chosen, strict=True)}
        folds |= {row["path"]: fold(group) for row, group in zip(mine, alike, strict=True)}
    kept = [
        {
            **{name: row[name] for name in ("path", "label", "sha256")},
            "held_out": sides[row["path"]],
            "fold": folds[row["path"]],
        }
        for row in good
    ]
    return Catalog(frame.select("path", "image"), kept, sorted(failures))


def _images(frame: DataFrame, once: Mapping[str, str]) -> DataFrame:
    """sha256 and image, a row for each (sha256, path)."""
    rows = pd.DataFrame(once.items(), columns=["sha256", "path"])
    chosen = frame.sparkSession.createDataFrame(rows, "sha256 string, path string")
    # Else Spark might shuffle the pictures to join a list of names.
    return frame.join(chosen.hint("broadcast"), "path").select("sha256", "image")
