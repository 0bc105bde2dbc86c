"""``irbis watch``: a folder, a saved detector, and a page."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from irbis.errors import DataError, EngineError
from irbis.image.read_exif import ReadExif
from irbis.image.source import picture_files
from irbis.monitor.dashboard import Dashboard
from irbis.monitor.powerbi import PowerBIWriter

__all__ = ["EachFind", "watch"]

# Pictures of a micro-batch: the page moves after so many, and a crash repeats no more.
_PICTURES = 32
_TOKEN = "IRBIS_PUSH_TOKEN"  # noqa: S105 - the name of a variable


@dataclass(frozen=True)
class EachFind:
    """Hands on a row for each detection: path, taken, species, score, xmin, ymin, xmax, ymax."""

    push: Callable[[DataFrame, int], None]
    threshold: float

    def __call__(self, frame: DataFrame, batch: int) -> None:
        """Hand on a batch."""
        found = frame.select("path", "taken", F.explode("detections").alias("found"))
        rows = found.select(
            "path",
            "taken",
            F.col("found.label").alias("species"),
            "found.score",
            *(f"found.{side}" for side in ("xmin", "ymin", "xmax", "ymax")),
        )
        self.push(rows.where(F.col("score") >= self.threshold), batch)


def watch(
    folder: str | Path,
    model: str | Path,
    *,
    title: str | None = None,
    checkpoint: str | Path | None = None,
    results: str | Path | None = None,
    push: str | None = None,
    glob: str | None = None,
    zone: str = "UTC",
    place: tuple[str, int] = ("127.0.0.1", 8899),
    threshold: float = 0.5,
    say: Callable[[str], Any] = print,
) -> None:
    """Watch a folder until SIGTERM or SIGINT, or until the query fails.

    Parameters
    ----------
    folder : str or Path
        Local, or a URI that Spark reads; folders inside too.
    model : str or Path
        A saved :class:`irbis.Detector`, or a pipeline whose detections have its columns.
    title, checkpoint, results, threshold
        As of :class:`irbis.Dashboard`.
    push : str, optional
        Push URL of Power BI: a row for each detection. Dead letters go beside the results, else
        beside the checkpoint (``NAME-dead-letters``); without either they end the query.
    glob, zone : str
        Of file names; of the cameras' clocks.
    place : tuple of (host, port)
    say : function, default print
        Gets a line when the page is there.

    Raises
    ------
    DataError, ParamError, SchemaError, EngineError
        If there is no such folder or model, or the port is taken.
    """
    from pyspark.ml.util import DefaultParamsReader

    from irbis.spark import session

    if not (Path(model) / "metadata").exists():
        raise DataError(f"{model}", expected="a folder that a model's save wrote")
    exif = ReadExif(timeZone=zone)
    spark = session()
    loaded: Any = DefaultParamsReader.loadParamsInstance(str(Path(model).resolve()), spark)
    stream = picture_files(spark, folder, streaming=True, glob=glob, max_files=_PICTURES)
    also = None
    if push is not None:
        dead = None
        if beside := results or checkpoint:
            kept = Path(beside).resolve()
            dead = str(kept.parent / f"{kept.name}-dead-letters")
        to = PowerBIWriter.batch(push, token=os.environ.get(_TOKEN), dead_letters=dead)
        also = EachFind(to, threshold)
    dashboard = Dashboard(
        loaded.transform(exif.transform(stream)),
        title or f"{folder}",
        checkpoint=checkpoint,
        results=results,
        also=also,
        host=place[0],
        port=place[1],
        threshold=threshold,
    )
    ending = Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: ending.set())
    try:
        dashboard.start()
        say(f"watching {folder} at {dashboard.address}")
        while dashboard.query.isActive and not ending.wait(0.5):
            pass
        if failed := dashboard.failure():
            raise EngineError(f"a query that failed: {failed}")
    finally:
        dashboard.stop()
        spark.stop()
