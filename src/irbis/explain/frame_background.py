"""The background of a Spark DataFrame, by aggregates: no row of it comes to the driver for LIME."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from irbis.explain.background import MOST_CATEGORIES, is_category, no_number
from irbis.spark_schema import arrow_schema, quoted

__all__ = ["frame_rows", "frame_summary"]


def frame_summary(
    frame: DataFrame, columns: Sequence[str], categorical: Sequence[str], *, reader: str
) -> list[dict[str, Any]]:
    """Summarise a DataFrame; see :func:`irbis.explain.background.summary`."""
    schema = arrow_schema(frame.schema)
    kinds = {name: is_category(schema, name, categorical, reader=reader) for name in columns}
    numbers = [name for name in columns if not kinds[name]]
    asked: list[Column] = []
    for at, name in enumerate(numbers):
        value = F.col(quoted(name)).cast("double")
        finite = F.when(~F.isnan(value) & (F.abs(value) < F.lit(float("inf"))), value)
        asked += [F.avg(finite).alias(f"m{at}"), F.stddev_pop(finite).alias(f"s{at}")]
    row = frame.select(*asked).first() if asked else None
    found: list[dict[str, Any]] = []
    for name in columns:
        if kinds[name]:
            found.append(_categories(frame, name))
            continue
        at = numbers.index(name)
        if row is None or row[f"m{at}"] is None:
            raise no_number(name)
        found.append({"name": name, "mean": row[f"m{at}"], "std": row[f"s{at}"]})
    return found


def _categories(frame: DataFrame, name: str) -> dict[str, Any]:
    column = F.col(quoted(name))
    if dict(frame.dtypes)[name] in ("double", "float"):
        column = F.nanvl(column, F.lit(None))
    counted = frame.groupBy(column.alias("value")).count()
    rows = counted.orderBy(F.desc("count"), "value").limit(MOST_CATEGORIES).collect()
    values, counts = [row["value"] for row in rows], [row["count"] for row in rows]
    return {"name": name, "values": values, "counts": counts}


def frame_rows(frame: DataFrame, columns: Sequence[str], count: int, seed: int) -> pa.Table:
    """Draw rows of a DataFrame."""
    chosen = frame.select(*(F.col(quoted(name)) for name in columns))
    return chosen.orderBy(F.rand(seed)).limit(count).toArrow()
