"""Detections of many pictures as a Parquet table: what a run that died has written is not redone.

One Spark job; each task, when it is done, leaves one file under its final name (the output
committer's algorithm 2). A later run leaves out what stands in these files.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from irbis.detect.detections import SIZE
from irbis.errors import DataError
from irbis.schema import DETECTIONS, ERROR
from irbis.spark_schema import spark_schema

__all__ = ["missing", "missing_wide", "table", "write", "written"]

# Algorithm 1 moves files when the whole job is done, so a driver that dies takes all along. The
# known weakness of 2 are tasks of several files: ours write one, and a task that is run again
# writes it under the same name.
_COMMITTER = ("mapreduce.fileoutputcommitter.algorithm.version", "2")


def table(spark: SparkSession, out: str, key: str) -> DataFrame:
    """The table, known to be there: key, detections, size, detections_error, detector."""
    fields = {
        key: pa.string(),
        "detections": DETECTIONS,
        "size": SIZE,
        "detections_error": ERROR,
        "detector": pa.string(),
    }
    return spark.read.schema(spark_schema(pa.schema(list(fields.items())))).parquet(out)


def written(spark: SparkSession, out: str, key: str, made_by: str) -> DataFrame | None:
    """What earlier runs wrote; None if nothing is there.

    Parameters
    ----------
    spark : SparkSession
    out : str
        Path or URI of the table.
    key : str
        Column that a picture is known by.
    made_by : str
        Value of the column ``detector`` that rows of this run have.

    Raises
    ------
    DataError
        If rows of another detector, or no detections, are there.
    """
    try:
        found = table(spark, out, key)
        stranger = found.where(~F.col("detector").eqNullSafe(F.lit(made_by))).limit(1).count()
    except AnalysisException as error:
        if "PATH_NOT_FOUND" in str(error):
            return None
        raise
    if stranger:
        raise DataError(
            f"{out}, which has rows of another detector or of other settings",
            expected="a new table, or one of this detector",
            do="name another --out, or detect all anew with --fresh",
        )
    return found


def missing(rows: DataFrame, known: DataFrame | None, key: str) -> DataFrame:
    """Rows whose key is not known: exact, and with a shuffle of the rows, which must be narrow."""
    return rows if known is None else rows.join(known.select(key).distinct(), key, "left_anti")


def missing_wide(rows: DataFrame, known: DataFrame | None, key: str) -> DataFrame:
    """The same for rows that hold pictures, which a shuffle would move.

    Eight bytes of each known key are sent to everybody. Two of a million keys agree in them with a
    chance of 3e-8; the second one would be taken for known.
    """
    if known is None:
        return rows
    seen = known.select(F.xxhash64(key).alias("irbis known")).distinct().hint("broadcast")
    return rows.join(seen, F.xxhash64(key) == F.col("`irbis known`"), "left_anti")


def write(
    stage: Any, rows: DataFrame, out: str, key: str, made_by: str, *, fresh: bool = False
) -> None:
    """Detect in rows and add them to the table.

    Parameters
    ----------
    stage : transformer
        From `rows` to detections, size and detections_error.
    rows : DataFrame
        Has the key.
    fresh : bool, default False
        Replace what is there.
    """
    found = stage.transform(rows).select(
        key, "detections", "size", "detections_error", F.lit(made_by).alias("detector")
    )
    mode = "overwrite" if fresh else "append"
    found.write.mode(mode).option(*_COMMITTER).parquet(out)
