"""Run steps on a Spark DataFrame, each run of stages in ONE Python pass.

A run that keeps rows becomes one struct-returning ``arrow_udf`` over the columns it reads: the
others stay in the JVM, and Spark evaluates it once (chained scalar UDFs are evaluated twice). A run
that changes the number of rows, or any run on Spark 4.0, becomes one ``mapInArrow``.
Only Spark API that exists on classic and on Connect is used; streaming frames work alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal
from uuid import uuid4

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from irbis.planning import Chain, Foreign, Relation, Run, plan
from irbis.spark_schema import arrow_schema, quoted, spark_schema

__all__ = ["Mode", "transform_frame"]

Mode = Literal["auto", "struct_udf", "map_in_arrow"]

# pyspark 4.1 and later.
HAS_ARROW_UDF = hasattr(F, "arrow_udf")


def transform_frame(
    stages: Iterable[Any], frame: DataFrame, *, keep: list[str] | None = None, mode: Mode = "auto"
) -> DataFrame:
    """Run stages on a Spark DataFrame.

    Parameters
    ----------
    stages : iterable of transformers
    frame : DataFrame
    keep : list of str, optional
        Columns that the caller will read: the others need not come back from Python. Default: all.
    mode : {"auto", "struct_udf", "map_in_arrow"}
        How a run is put into the plan; the answers are the same.
    """
    steps = plan(stages, jvm=True)
    for step, wanted in zip(steps, _wanted(steps, keep), strict=True):
        if isinstance(step, Relation):
            frame = step.stage.aggregate_spark(frame)
        elif isinstance(step, Foreign):
            frame = step.transformer.transform(frame)
        else:
            frame = _run(step, frame, wanted, mode)
    return frame


def _wanted(
    steps: list[Run | Relation | Foreign], keep: list[str] | None
) -> list[list[str] | None]:
    """For each step, the columns that later steps or the caller read; None means all."""
    wanted: list[list[str] | None] = []
    later = keep
    for step in reversed(steps):
        wanted.append(later)
        if isinstance(step, Relation):
            later = step.stage.needed_columns()
        elif isinstance(step, Foreign):
            later = None
        elif later is not None:
            inputs = [c for stage in step.stages for c in stage.input_columns()]
            later = list(dict.fromkeys([*later, *inputs]))
    return wanted[::-1]


def _run(run: Run, frame: DataFrame, keep: list[str] | None, mode: Mode) -> DataFrame:
    declared = frame.schema
    schema = arrow_schema(declared)
    result = run.output_schema(schema)
    reads = run.reads(schema)
    if mode == "struct_udf" or (mode == "auto" and HAS_ARROW_UDF and run.keeps_rows and reads):
        writes = [c for c in run.writes(schema) if keep is None or c in keep]
        made = spark_schema(pa.schema([result.field(c) for c in writes]))
        return _with_struct(frame, run.function(), reads, made, keep)
    if keep is not None:
        wanted = {*keep, *reads}
        frame = frame.select(*[F.col(quoted(c)) for c in frame.columns if c in wanted])
        schema = arrow_schema(frame.schema)
        result = run.output_schema(schema)
    target = result if keep is None else pa.schema([f for f in result if f.name in keep])
    function = run.function()
    names = target.names

    def each(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield function(batch).select(names)

    return frame.mapInArrow(each, spark_schema(target, like=declared))


def _with_struct(
    frame: DataFrame, function: Chain, reads: list[str], made: StructType, keep: list[str] | None
) -> DataFrame:
    names = made.names

    def fused(*columns: pa.Array) -> pa.Array:
        out = function(pa.RecordBatch.from_arrays(list(columns), names=reads))
        return pa.StructArray.from_arrays([out.column(n) for n in names], names=names)

    # Unlike any column of the user's; it never leaves this function.
    holder = f"irbis_{uuid4().hex}"
    udf = F.arrow_udf(fused, returnType=made)
    held = frame.withColumn(holder, udf(*[F.col(quoted(c)) for c in reads]))
    kept = [c for c in frame.columns if c in names or keep is None or c in keep]
    new = [c for c in names if c not in frame.columns]
    return held.select(
        *[
            F.col(f"{holder}.{quoted(c)}").alias(c) if c in names else F.col(quoted(c))
            for c in [*kept, *new]
        ]
    )
