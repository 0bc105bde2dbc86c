"""PowerBIWriter: rows of a DataFrame, streaming or not, into a push semantic model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql.streaming import DataStreamWriter

from irbis.errors import EngineError, ParamError, SchemaError
from irbis.http.request import check_url
from irbis.monitor.push import Refused, Sender, batch_field, in_parts, send_all
from irbis.monitor.push_limits import LIMITS, Limits
from irbis.monitor.push_rows import PUSHED, RowsToJson, check_columns
from irbis.spark_schema import arrow_schema, spark_schema

__all__ = ["PowerBIWriter", "Pushed"]

_DEAD = "json string, reason string, status int, batch string, at timestamp"


@dataclass(frozen=True)
class Pushed:
    """What became of a frame.

    Parameters
    ----------
    rows, refused : int
        Taken by Power BI; and not.
    requests : int
        Sent, those that were sent again included.
    """

    rows: int
    refused: int
    requests: int


@dataclass(frozen=True)
class _Push:
    """Pushes a batch: a picklable function, for a worker on Connect calls it."""

    url: str = field(repr=False)
    token: str | Callable[[], str] | None = field(repr=False)
    name: str
    batch_column: str | None
    dead_letters: str | None
    limits: Limits
    deadline: float

    def __call__(self, frame: DataFrame, batch: int | str) -> Pushed:
        name = f"{self.name}/{batch}"
        extra = "" if self.batch_column is None else batch_field(self.batch_column, name)
        rows = RowsToJson(self.limits.characters, extra, tuple(frame.columns))
        # By number: mapInArrow takes a dot in a name for a way into a struct.
        plain = frame.toDF(*(f"c{at}" for at in range(len(frame.columns))))
        made = plain.mapInArrow(rows, spark_schema(PUSHED)).toArrow()
        why = made["refused"].to_pylist()
        texts = made["json"].to_pylist()
        dead = [Refused(t, r) for t, r in zip(texts, why, strict=True) if r is not None]
        token = self.token() if callable(self.token) else self.token
        sender = Sender(self.url, token, self.limits, self.deadline)
        before = sender.allowance.requests
        good = (text for text, reason in zip(texts, why, strict=True) if reason is None)
        dead += send_all(sender, in_parts(good, self.limits), name)
        if dead:
            self._keep(frame, dead, name, batch)
        return Pushed(sender.taken, len(dead), sender.allowance.requests - before)

    def _keep(self, frame: DataFrame, dead: list[Refused], name: str, batch: int | str) -> None:
        if self.dead_letters is None:
            raise EngineError(
                f"{len(dead)} rows that Power BI does not take: {dead[0].reason}",
                expected="rows that fit, or a place for the others",
                do="set dead_letters to a folder",
            )
        now = datetime.now(UTC)
        rows = [(r.json, r.reason, r.status, name, now) for r in dead]
        kept = frame.sparkSession.createDataFrame(rows, _DEAD).coalesce(1)
        # A batch that is sent again has the same name: its rows stand there once.
        kept.write.mode("overwrite").parquet(f"{self.dead_letters.rstrip('/')}/batch={batch}")


class PowerBIWriter:
    """Push rows to Power BI, within the documented limits of its push API.

    An address is a push URL as the portal shows it, with its key
    (``https://api.powerbi.com/beta/.../rows?key=...``), or that of a table
    (``https://api.powerbi.com/v1.0/myorg/datasets/ID/tables/NAME/rows``), for which a `token` is
    needed. Rows are made into JSON by Spark's workers and sent from one place, the process that runs
    the query: only there can requests be full and the limits be kept.

    Columns keep their names. Integers are Int64, floats Double (NaN becomes null), decimals Decimal,
    booleans Boolean, dates and timestamps DateTime (UTC, milliseconds), strings String. Structs, lists,
    maps and vectors are sent as their JSON, a String. Binary columns are refused early.

    A request that meets 429, 5xx or no connection is sent again, after as long as Retry-After says. A
    request that is refused with 400 is halved until the bad rows are alone; those go to the dead
    letters. Anything else ends the query.

    **Once or more.** The API has no key by which it would know a request again. Every request
    carries ``X-Irbis-Batch: NAME/BATCH/PART``, and `batch_column` puts NAME/BATCH into the rows: a
    micro-batch that is sent again after a crash has the same, so a report can count it once.

    Microsoft ends push semantic models: see docs/monitoring.md. :class:`irbis.Dashboard` needs none.

    Examples
    --------
    >>> import pyarrow as pa
    >>> check_columns(pa.schema([("species", pa.string()), ("taken", pa.timestamp("us", "UTC"))]), 75)
    {'species': 'String', 'taken': 'DateTime'}
    """

    @staticmethod
    def write(
        frame: DataFrame,
        url: str,
        *,
        token: str | Callable[[], str] | None = None,
        name: str = "irbis",
        batch_column: str | None = None,
        dead_letters: str | None = None,
        limits: Limits = LIMITS,
        deadline: float = 7200.0,
    ) -> Pushed:
        """Push a frame that has an end; returns when all of it is sent.

        Parameters
        ----------
        frame : DataFrame
            Its rows pass through the driver's memory, as JSON.
        url : str
        token : str or function without arguments, optional
            Bearer token; a function is asked anew for every batch, because tokens expire.
        name : str, default "irbis"
            Of this job, in the batches' names.
        batch_column : str, optional
            Column to add, with the batch's name.
        dead_letters : str, optional
            Folder for rows that Power BI does not take: Parquet of json, reason, status, batch, at.
            Without one they end the job.
        limits : Limits, optional
        deadline : float, seconds, default 7200
            For one request, with all attempts and waits.

        Raises
        ------
        ParamError, SchemaError
            For an address that is none, or columns that Power BI does not have.
        EngineError
            If rows could not be sent, or were refused and have nowhere to go.
        """
        if frame.isStreaming:
            raise ParamError("a streaming DataFrame", expected="an end", do="call stream")
        push = _push(frame, url, token, name, batch_column, dead_letters, limits, deadline)
        return push(frame, datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f"))

    @staticmethod
    def stream(
        frame: DataFrame,
        url: str,
        *,
        token: str | Callable[[], str] | None = None,
        name: str = "irbis",
        batch_column: str | None = None,
        dead_letters: str | None = None,
        limits: Limits = LIMITS,
        deadline: float = 7200.0,
    ) -> DataStreamWriter:
        """Push every micro-batch of a stream.

        Parameters
        ----------
        frame : DataFrame
            Streaming.
        url, token, name, batch_column, dead_letters, limits, deadline
            As of :meth:`write`. Batches are numbered by the query: with a checkpoint, the same
            after a restart.

        Returns
        -------
        DataStreamWriter
            Give it a ``checkpointLocation``, then ``.start()``.
        """
        if not frame.isStreaming:
            raise ParamError("a DataFrame with an end", expected="a stream", do="call write")
        push = _push(frame, url, token, name, batch_column, dead_letters, limits, deadline)
        return frame.writeStream.foreachBatch(partial(_ignore, push))

    @staticmethod
    def batch(
        url: str,
        *,
        token: str | Callable[[], str] | None = None,
        name: str = "irbis",
        batch_column: str | None = None,
        dead_letters: str | None = None,
        limits: Limits = LIMITS,
        deadline: float = 7200.0,
    ) -> Callable[[DataFrame, int], None]:
        """Make a function of a micro-batch and its number, for a foreachBatch that does more.

        Parameters
        ----------
        url, token, name, batch_column, dead_letters, limits, deadline
            As of :meth:`write`. Columns are checked with the first batch.
        """
        _check_address(url)
        push = _Push(url, token, name, batch_column, dead_letters, limits, deadline)
        return partial(_checked, push)

    @staticmethod
    def definition(frame: DataFrame, model: str, table: str) -> dict[str, Any]:
        """Body with which ``POST .../myorg/datasets`` makes a model that fits a frame."""
        types = check_columns(arrow_schema(frame.schema), LIMITS.columns)
        columns = [{"name": name, "dataType": type_} for name, type_ in types.items()]
        return {
            "name": model,
            "defaultMode": "Push",
            "tables": [{"name": table, "columns": columns}],
        }


def _ignore(push: _Push, frame: DataFrame, batch: int) -> None:
    push(frame, batch)


def _checked(push: _Push, frame: DataFrame, batch: int) -> None:
    _check_frame(frame, push.limits, push.batch_column)
    push(frame, batch)


def _push(
    frame: DataFrame,
    url: str,
    token: str | Callable[[], str] | None,
    name: str,
    batch_column: str | None,
    dead_letters: str | None,
    limits: Limits,
    deadline: float,
) -> _Push:
    _check_frame(frame, limits, batch_column)
    _check_address(url)
    return _Push(url, token, name, batch_column, dead_letters, limits, deadline)


def _check_frame(frame: DataFrame, limits: Limits, batch_column: str | None) -> None:
    found = check_columns(arrow_schema(frame.schema), limits.columns - (batch_column is not None))
    if batch_column in found:
        raise SchemaError(f"a column {batch_column!r}", expected="another name for batch_column")


def _check_address(url: str) -> None:
    try:
        check_url(url)
    except ValueError as error:
        raise ParamError(f"an address: {error}", expected="a push URL of Power BI") from None
