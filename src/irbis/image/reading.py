"""Folders of pictures as a Spark DataFrame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from irbis.errors import DataError
from irbis.image.extensions import EXTENSIONS

__all__ = ["EXTENSIONS", "PLAIN_PATH", "read_pictures", "source_of"]

#: What makes a plain path of a local file's URI, as regexp_replace takes it.
PLAIN_PATH = ("^file:/*", "/")


def read_pictures(
    spark: SparkSession, folders: Sequence[str | Path], *, content: bool = True
) -> DataFrame:
    """Read all pictures below folders.

    Parameters
    ----------
    spark : SparkSession
    folders : sequence of str or Path
        Local folders, or any URI that Spark reads; subfolders included.
    content : bool, default True
        False: list them only, packed into partitions by their size all the same.
        :class:`irbis.ReadFiles` then reads them in the Python workers.

    Returns
    -------
    DataFrame
        path (string, a plain path for local files), image (binary, with `content`).

    Raises
    ------
    DataError
        If a local folder does not exist or holds no picture.
    """
    sources = [source_of(folder) for folder in folders]
    pattern = "*.{" + ",".join(e for x in EXTENSIONS for e in (x, x.upper())) + "}"
    frame = (
        spark.read.format("binaryFile")
        .option("recursiveFileLookup", "true")
        .option("pathGlobFilter", pattern)
        .load(sources)
    )
    plain = F.regexp_replace("path", *PLAIN_PATH)
    columns = [plain.alias("path"), *([F.col("content").alias("image")] if content else [])]
    return frame.select(*columns)


def source_of(folder: str | Path) -> str:
    """Name a folder for Spark; a local one is looked at: DataError if it holds no picture."""
    folder = str(folder)
    if "://" in folder:
        return folder
    path = Path(folder).expanduser().resolve()
    if not path.is_dir():
        raise DataError(f"{folder}", expected="a folder of pictures")
    if not any(p.suffix.lower().lstrip(".") in EXTENSIONS for p in path.rglob("*")):
        raise DataError(f"no picture in {folder}", expected=", ".join(EXTENSIONS))
    return f"file://{path}"  # not as_uri(): Hadoop takes percent signs literally
