"""The pictures of a discovery: which there are, which failed, which are held out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from irbis.errors import DataError
from irbis.image.perceptual_hash import PerceptualHash
from irbis.image.reading import read_pictures

__all__ = ["Catalog", "build", "held_out"]


@dataclass(frozen=True)
class Catalog:
    """All pictures.

    Parameters
    ----------
    frame : DataFrame
        path, image, label (1.0 target, 0.0 other), held_out, weight (classes balanced in training).
    rows : pa.Table
        path, label, hash, held_out: what the driver knows of the good pictures.
    failures : list of (path, kind, message)
    """

    frame: DataFrame
    rows: pa.Table
    failures: list[tuple[str, str, str]]

    def count(self, label: float | None = None, held_out: bool | None = None) -> int:
        """Number of good pictures with a label, on a side."""
        return len(self.paths(label, held_out))

    def paths(self, label: float | None = None, held_out: bool | None = None) -> list[str]:
        """Paths of the good pictures with a label, on a side."""
        return [
            row["path"]
            for row in self.rows.to_pylist()
            if label in (None, row["label"]) and held_out in (None, row["held_out"])
        ]

    def read(self, paths: Sequence[str]) -> dict[str, bytes]:
        """Encoded pictures by path."""
        rows = self.frame.where(F.col("path").isin(list(paths))).select("path", "image").toArrow()
        return dict(zip(rows["path"].to_pylist(), rows["image"].to_pylist(), strict=True))


def held_out(hashes: Sequence[str], share: float = 1 / 3) -> list[bool]:
    """Choose pictures to hold out: always the same ones, near-duplicates on one side.

    Parameters
    ----------
    hashes : sequence of str
        Perceptual hashes of one class.
    share : float, default 1/3

    Returns
    -------
    list of bool, True where held out

    Examples
    --------
    >>> held_out(["a", "b", "c", "a"]).count(True) in (1, 2)
    True
    """
    # By the hash of the hash: an order that has nothing to do with how a picture looks.
    order = sorted(range(len(hashes)), key=lambda i: _mixed(hashes[i]))
    wanted = round(len(hashes) * share)
    out = [False] * len(hashes)
    edge = _mixed(hashes[order[wanted - 1]]) if wanted else ""
    for i in order:
        out[i] = bool(wanted) and _mixed(hashes[i]) <= edge
    return out


def _mixed(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def build(
    spark: SparkSession, images: Sequence[str | Path], others: Sequence[str | Path]
) -> Catalog:
    """Read, fingerprint and split the pictures.

    Raises
    ------
    DataError
        If a folder is missing or empty, or too few pictures of a class can be read to learn from
        and to hold out.
    """
    target = read_pictures(spark, list(images)).withColumn("label", F.lit(1.0))
    other = read_pictures(spark, list(others)).withColumn("label", F.lit(0.0))
    both = target.unionByName(other)
    hashed = PerceptualHash().transform(both).drop("image").toArrow().sort_by("path")
    good = hashed.filter(hashed.column("hash").is_valid())
    failures = [
        (row["path"], row["hash_error"]["kind"], row["hash_error"]["message"])
        for row in hashed.filter(hashed.column("hash").is_null()).to_pylist()
    ]
    paths = hashed.column("path").to_pylist()
    if len(set(paths)) < len(paths):
        twice = next(a for a, b in pairwise(paths) if a == b)
        raise DataError(f"{twice} both as target and as other", expected="folders without overlap")
    rows = _split(good.select(["path", "label", "hash"]))
    split = spark.createDataFrame(rows.select(["path", "held_out", "weight"]).to_pandas())
    return Catalog(both.join(split, "path"), rows, failures)


def _split(rows: pa.Table) -> pa.Table:
    labels, hashes = rows.column("label").to_pylist(), rows.column("hash").to_pylist()
    out = [False] * len(labels)
    weight = [0.0] * len(labels)
    for label, name in ((1.0, "target"), (0.0, "other")):
        places = [i for i, found in enumerate(labels) if found == label]
        if len(places) < 6:
            raise DataError(f"{len(places)} readable {name} pictures", expected="at least 6")
        for i, side in zip(places, held_out([hashes[i] for i in places]), strict=True):
            out[i] = side
        # Both classes weigh the same in training, whatever the folders hold.
        for i in places:
            weight[i] = len(labels) / (2 * len(places))
    return rows.append_column("held_out", pa.array(out)).append_column("weight", pa.array(weight))
