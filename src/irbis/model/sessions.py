"""Groups in a stream: a group is closed when nothing came for a while of event time."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from irbis.errors import SchemaError
from irbis.schema import field_of
from irbis.spark_schema import quoted

__all__ = ["check_stream", "interval", "session"]

_UNITS = "microsecond|millisecond|second|minute|hour|day|week"
_INTERVAL = re.compile(rf"(?:\d+ +(?:{_UNITS})s?)(?: +\d+ +(?:{_UNITS})s?)*")


def interval(value: Any) -> str:
    """Accept a time span such as "10 minutes" or "1 hour 30 minutes".

    Examples
    --------
    >>> interval("10 minutes")
    '10 minutes'
    """
    text = value.strip().lower() if isinstance(value, str) else ""
    if not _INTERVAL.fullmatch(text) or not any(int(n) for n in re.findall(r"\d+", text)):
        raise ValueError(
            'a time span above zero such as "10 minutes", in microseconds, milliseconds, seconds, '
            "minutes, hours, days or weeks"
        )
    return str(text)


def check_stream(
    schema: pa.Schema, time: str | None, watermark: str | None, *, collapse: bool
) -> None:
    """Raise SchemaError for what no stream can answer, before the query starts."""
    if not collapse:
        raise SchemaError(
            "a streaming DataFrame with collapseGroup=False",
            expected="collapseGroup=True: rows of a group that is still open have no result",
            do="collapse groups, or call transform on each micro-batch in foreachBatch",
        )
    if time is None or watermark is None:
        missing = " and ".join(
            n for n, v in (("eventTimeCol", time), ("watermark", watermark)) if v is None
        )
        raise SchemaError(
            f"a streaming DataFrame, and EnsembleByKey without {missing}",
            expected='output mode "append" with both set: each group is written once, when it is '
            'closed; in "update" and "complete" no group is ever closed and the state only grows',
            do='set eventTimeCol="time" and watermark="10 minutes", write in outputMode("append")',
        )
    type_ = field_of(schema, time, reader="EnsembleByKey").type
    if not pa.types.is_timestamp(type_):
        raise SchemaError(f"{time}: {type_}", expected="a timestamp, the rows' event time")


def session(
    frame: DataFrame, time: str, watermark: str, gap: str | None
) -> tuple[DataFrame, Column]:
    """Give the frame a watermark; returns it and the window to group by."""
    column = quoted(time)
    window = F.session_window(F.col(column), gap or watermark)
    return frame.withWatermark(column, watermark), window
