"""``spark.read.file(...)`` and ``spark.readStream.file(...)``: folders of pictures with provenance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from irbis.errors import DataError, ParamError
from irbis.image.reading import EXTENSIONS, PLAIN_PATH

__all__ = ["file_pattern", "picture_files"]

_SCHEMA = "path string, modificationTime timestamp, length bigint, content binary"
# Spark forgets files that are older than the newest by this, and never reads one that comes later:
# by default a week, which a memory card of an old season would fall under without a word.
_FOR_EVER = "36500d"


def picture_files(
    spark: SparkSession,
    folder: str | Path | Sequence[str | Path],
    *,
    streaming: bool = False,
    recursive: bool = True,
    glob: str | None = None,
    extensions: Sequence[str] | None = None,
    content: bool = True,
    max_files: int | None = None,
) -> DataFrame:
    """Read the pictures of folders, once or as they come.

    Parameters
    ----------
    spark : SparkSession
    folder : str or Path, or several
        Local folders, or any URI that Spark reads (``s3a://``, ``gs://``, ``abfss://``).
    streaming : bool, default False
        True: a streaming DataFrame, to which pictures come as they are put there.
    recursive : bool, default True
        Folders inside too.
    glob : str, optional
        Pattern of file names, such as "RCNX*"; with `extensions` both must fit.
    extensions : sequence of str, optional
        Default: those of the formats irbis reads; in any case.
    content : bool, default True
        False: without the bytes; :class:`irbis.ReadFiles` reads them in the workers.
    max_files : int, optional
        Of one micro-batch. Default: all that are there.

    Returns
    -------
    DataFrame
        path (string, plain for local files), size (bigint, bytes), modified (timestamp), image
        (binary, with `content`).

    Raises
    ------
    DataError
        If a local folder does not exist.
    ParamError
        For several folders in a stream: Spark watches one.

    Notes
    -----
    A stream takes a file once, as it is when it is first seen: put it there under another name, or
    one that starts with a dot, and rename it when it is whole. The stream remembers every file it has
    ever seen.
    """
    folders = [folder] if isinstance(folder, (str, Path)) else list(folder)
    places = [_place(str(each)) for each in folders]
    if max_files is not None and max_files < 1:
        raise ParamError(f"max_files={max_files}", expected="1 or more")
    reader: Any = spark.readStream.schema(_SCHEMA) if streaming else spark.read
    reader = (
        reader.format("binaryFile")
        .option("recursiveFileLookup", str(recursive).lower())
        .option("pathGlobFilter", glob or file_pattern(extensions or EXTENSIONS))
    )
    if streaming:
        if len(places) != 1:
            raise ParamError(
                f"{len(places)} folders in a stream", expected="one, or a glob of them"
            )
        reader = reader.option("maxFileAge", _FOR_EVER)
        if max_files is not None:
            reader = reader.option("maxFilesPerTrigger", max_files)
    frame: DataFrame = reader.load(places[0] if streaming else places)
    if glob and extensions:
        ends = [f".{e.lower().lstrip('.')}" for e in extensions]
        fits = F.lit(False)
        for end in ends:
            fits = fits | F.lower("path").endswith(end)
        frame = frame.where(fits)
    columns = [
        F.regexp_replace("path", *PLAIN_PATH).alias("path"),
        F.col("length").alias("size"),
        F.col("modificationTime").alias("modified"),
    ]
    return frame.select(*columns, *([F.col("content").alias("image")] if content else []))


def file_pattern(extensions: Sequence[str]) -> str:
    """Glob of file names with these endings, in any case.

    Examples
    --------
    >>> file_pattern(["jpg", ".PNG"])
    '*.{[jJ][pP][gG],[pP][nN][gG]}'
    """
    bare = [extension.lstrip(".") for extension in extensions]
    if not all(extension.isalnum() for extension in bare):
        raise ParamError(f"extensions {list(extensions)}", expected="names such as 'jpg'")
    both = ("".join(f"[{c.lower()}{c.upper()}]" if c.isalpha() else c for c in e) for e in bare)
    return "*.{" + ",".join(both) + "}"


def _place(folder: str) -> str:
    if "://" in folder or any(c in folder for c in "*?[{"):
        return folder
    path = Path(folder).expanduser().resolve()
    if not path.is_dir():
        raise DataError(folder, expected="a folder")
    return f"file://{path}"  # not as_uri(): Hadoop takes percent signs literally
