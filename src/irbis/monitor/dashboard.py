"""Dashboard: a page that shows what a stream of pictures finds, while it finds it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
from pyspark.sql import DataFrame

from irbis.errors import ParamError, SchemaError
from irbis.monitor.history import History
from irbis.monitor.page_feed import PageFeed
from irbis.monitor.page_server import PageServer
from irbis.monitor.recorder import Columns, Recorder
from irbis.schema import field_of
from irbis.spark_schema import arrow_schema

__all__ = ["Dashboard"]

_BOX = {"xmin", "ymin", "xmax", "ymax", "label", "score"}


class Dashboard:
    """Show a stream of detections on a page served by this process.

    The page has counts for each label and hour, the newest finds with their boxes, how many pictures
    come and what failed. It needs no network but the way to this process, no build step and nothing
    installed in the browser; it follows the browser's dark or light theme and fits a phone.

    Parameters
    ----------
    frame : DataFrame
        Streaming, with a column of paths and one of detections (:class:`irbis.Detector`).
    title : str, default "irbis"
    checkpoint : str or Path, optional
        Folder for the query's checkpoint and, in `dashboard/` there, for what the page has shown:
        started again with the same one, both go on where they were. The query's process must reach it
        by this path. Default: a temporary folder, removed by :meth:`stop`.
    results : str or Path, optional
        Folder for the rows too, without their binary columns: Parquet, a folder a micro-batch, every
        row once however often the query is killed.
    also : function, optional
        Of each micro-batch and its number, such as ``PowerBIWriter.batch(url)``; pictures are looked
        at once for all. After a crash it may be called with the same batch again.
    every : str, default "1 second"
        How often the folder is looked at.
    host : str, default "127.0.0.1"
        Address to listen on. The page shows pictures and has no password: open it to a network only
        behind something that asks for one.
    port : int, default 0
        0: any that is free.
    threshold : float, default 0.5
        Lowest score that counts and is shown.
    pathCol, detectionsCol : str, default "path" and "detections"
    imageCol : str or None, default "image"
        Encoded pictures for the thumbnails; without that column they are read from their paths.
    errorCol : str or None, default "detections_error"
    timeCol : str or None, default "taken"
        When a picture was taken: its hour counts. Where it is null or the column is not there, the
        hour in which it was looked at.

    Raises
    ------
    ParamError, SchemaError
        For a frame that has an end, or lacks a column.

    Examples
    --------
    ::

        pictures = spark.readStream.file("/data/traps")
        found = detector.transform(ReadExif().transform(pictures))
        Dashboard(found, title="Tien Shan", checkpoint="/data/watch").start().awaitTermination()
    """

    def __init__(
        self,
        frame: DataFrame,
        title: str = "irbis",
        *,
        checkpoint: str | Path | None = None,
        results: str | Path | None = None,
        also: Callable[[DataFrame, int], None] | None = None,
        every: str = "1 second",
        host: str = "127.0.0.1",
        port: int = 0,
        threshold: float = 0.5,
        pathCol: str = "path",
        detectionsCol: str = "detections",
        imageCol: str | None = "image",
        errorCol: str | None = "detections_error",
        timeCol: str | None = "taken",
    ) -> None:
        if not frame.isStreaming:
            raise ParamError("a DataFrame with an end", expected="a stream")
        schema = arrow_schema(frame.schema)
        self._columns = Columns(
            path=field_of(schema, pathCol, reader="Dashboard").name,
            detections=_detections(schema, detectionsCol),
            image=_there(schema, imageCol, pa.types.is_binary),
            error=_there(schema, errorCol, pa.types.is_struct),
            time=_there(schema, timeCol, pa.types.is_timestamp),
        )
        self._threshold = threshold
        self.frame, self.title = frame, title
        self._place, self._results = (host, port), None if results is None else str(results)
        self._also, self._every = also, every
        self._own = checkpoint is None
        self._checkpoint = Path(checkpoint or tempfile.mkdtemp(prefix="irbis-dashboard-")).resolve()
        self._query: Any = None
        self._server: PageServer | None = None

    def start(self) -> Self:
        """Start the query and the page; returns itself.

        Raises
        ------
        EngineError
            If the port is taken.
        """
        history = History(self._checkpoint / "dashboard")
        self._server = PageServer(PageFeed(history, self.title, self._status), *self._place)
        recorder = Recorder(
            self._columns, self._threshold, str(history.folder), self._results, self._also
        )
        try:
            self._query = (
                self.frame.writeStream.foreachBatch(recorder)
                .option("checkpointLocation", str(self._checkpoint))
                .trigger(processingTime=self._every)
                .start()
            )
        finally:
            if self._query is None:
                self._server.stop()
        self._server.start()
        return self

    @property
    def address(self) -> str:
        """Where the page is."""
        if self._server is None:
            raise ParamError("a dashboard that is not started", expected="start() first")
        return self._server.address

    @property
    def query(self) -> Any:
        """Spark's StreamingQuery."""
        return self._query

    def awaitTermination(self, timeout: float | None = None) -> bool | None:
        """Wait until the query ends; raises what it failed with."""
        ended: bool | None = self._query.awaitTermination(timeout)
        return ended

    def failure(self) -> str | None:
        """First line of what the query failed with, if it did."""
        status = self._status()
        return status["message"] if status["state"] == "failed" else None

    def stop(self) -> None:
        """End the query and the page."""
        if self._query is not None:
            self._query.stop()
        if self._server is not None:
            self._server.stop()
        if self._own:
            shutil.rmtree(self._checkpoint, ignore_errors=True)

    def _status(self) -> dict[str, str]:
        if self._query is None:
            return {"state": "starting", "message": ""}
        try:
            if self._query.isActive:
                return {"state": "running", "message": ""}
            error = self._query.exception()
        except Exception as gone:  # the session is stopped, or its server
            return {"state": "failed", "message": type(gone).__name__}
        first = str(error).strip().partition("\n")[0][:300]
        return (
            {"state": "failed", "message": first} if error else {"state": "stopped", "message": ""}
        )


def _there(schema: pa.Schema, name: str | None, fits: Any) -> str | None:
    at = -1 if name is None else schema.get_field_index(name)
    return name if at >= 0 and fits(schema.field(at).type) else None


def _detections(schema: pa.Schema, name: str) -> str:
    type_ = field_of(schema, name, reader="Dashboard").type
    item = type_.value_type if pa.types.is_list(type_) else None
    if item is None or not pa.types.is_struct(item) or not {f.name for f in item.fields} >= _BOX:
        raise SchemaError(
            f"{name}: {type_}", expected="detections: a list of structs with xmin ... label, score"
        )
    return name
