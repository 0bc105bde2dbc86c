"""Where many pictures are: a folder, a table or a DataFrame. The driver holds none of their names."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from irbis.errors import DataError
from irbis.image.reading import PLAIN_PATH, read_pictures
from irbis.image.walking import Walk, walk
from irbis.spark_schema import quoted

__all__ = ["Collection", "Source", "collection", "is_table"]

#: A folder; a Parquet table, as a path; ``table:NAME`` of the session's catalog; a DataFrame.
Source: TypeAlias = str | Path | DataFrame

_TABLE = "table:"
_PATHS = ("path", "file", "file_name")
_IMAGES = ("image", "content", "bytes", "data")


@dataclass(frozen=True)
class Collection:
    """Pictures, not read yet.

    Parameters
    ----------
    listed : DataFrame
        path.
    table : DataFrame or None
        path and image, where the bytes stand in a table; None: the workers read the files.
    folder : Path or None
        A local folder that all paths are below.
    """

    listed: DataFrame
    table: DataFrame | None = None
    folder: Path | None = None


def is_table(source: Source) -> bool:
    """Whether a source is a table and not a folder of pictures."""
    if isinstance(source, DataFrame):
        return True
    text = str(source)
    if text.startswith(_TABLE) or text.rstrip("/").endswith(".parquet"):
        return True
    place = Path(text).expanduser()
    return place.is_dir() and _has_parquet(str(place))


def _has_parquet(folder: str) -> bool:
    with os.scandir(folder) as entries:
        return any(
            e.name.endswith(".parquet") or ("=" in e.name and e.is_dir() and _has_parquet(e.path))
            for e in entries
        )


def collection(spark: SparkSession, source: Source) -> Collection:
    """Open a folder or a table.

    Parameters
    ----------
    spark : SparkSession
    source : str, Path or DataFrame
        A local folder of pictures: it is listed by the workers, which must see it by the same path.
        A URI that Spark reads: the driver lists it, some 0.5 kB a file. A Parquet table (a folder
        of Parquet files, or a path that ends in ``.parquet``), ``table:NAME`` of the catalog (Delta,
        Iceberg and others, as the session is configured), or a DataFrame: a column path (or file,
        file_name), each once, and one of the pictures: image, content, bytes or data.

    Raises
    ------
    DataError
        If it is none of these.
    """
    if is_table(source):
        return _table(spark, source)
    text = str(source)
    if "://" in text:
        return Collection(read_pictures(spark, [text], content=False))
    folder = Path(text).expanduser().resolve()
    if not folder.is_dir():
        raise DataError(text, expected="a folder or a table of pictures")
    if next(walk(str(folder)), None) is None:
        raise DataError(f"no picture in {text}", expected="a folder or a table of pictures")
    # One task lists what lies in the folder itself, others each folder inside.
    inside = [(e.path, True) for e in os.scandir(folder) if e.is_dir() and e.name[0] not in "._"]
    rows = spark.createDataFrame([(str(folder), False), *inside], "folder string, below boolean")
    tasks = min(len(inside) + 1, 64)
    return Collection(rows.repartition(tasks).mapInArrow(Walk(), "path string"), None, folder)


def _table(spark: SparkSession, source: Source) -> Collection:
    frame = source if isinstance(source, DataFrame) else _read(spark, str(source))
    names: dict[str, str] = {}
    for wanted, known in (("path", _PATHS), ("image", _IMAGES)):
        found = next((n for n in known if n in frame.columns), None)
        if found is None:
            raise DataError(
                f"columns {frame.columns}", expected=f"one of {', '.join(known)} for the {wanted}"
            )
        names[wanted] = found
    path = F.regexp_replace(F.col(quoted(names["path"])), *PLAIN_PATH).alias("path")
    table = frame.select(path, F.col(quoted(names["image"])).alias("image"))
    return Collection(table.select("path"), table)


def _read(spark: SparkSession, text: str) -> DataFrame:
    if text.startswith(_TABLE):
        return spark.table(text.removeprefix(_TABLE))
    place = Path(text).expanduser()
    if "://" not in text and not place.exists():
        raise DataError(text, expected="a folder or a table of pictures")
    where: Any = text if "://" in text else str(place.resolve())
    return spark.read.parquet(where)
