"""Run steps on a Spark DataFrame, each run of stages in ONE Python pass.

A run that keeps rows becomes one struct-returning ``arrow_udf`` over the columns it reads: the
others stay in the JVM, and Spark evaluates it once (chained scalar UDFs are evaluated twice). A run
that changes the number of rows or looks ahead, or any run on Spark 4.0, becomes one ``mapInArrow``.
Only Spark API that exists on classic and on Connect is used; streaming frames work alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal
from uuid import uuid4

import pyarrow as pa
from pyspark.ml.functions import array_to_vector
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import UserDefinedType

from irbis.planning import Chain, Foreign, Relation, Run, plan
from irbis.schema import is_vector
from irbis.settled import settle
from irbis.shipping import files_in, ship
from irbis.spark_schema import arrow_schema, quoted, spark_schema
from irbis.streaming import Mapped
from irbis.vectors import vectors_to_lists

__all__ = ["Mode", "transform_frame"]

Mode = Literal["auto", "struct_udf", "map_in_arrow"]

_ARRAY = pa.list_(pa.float64())
# pyspark 4.1 and later.
HAS_ARROW_UDF = hasattr(F, "arrow_udf")


def transform_frame(
    stages: Iterable[Any],
    frame: DataFrame,
    *,
    keep: list[str] | None = None,
    mode: Mode = "auto",
    fitting: bool = False,
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
    fitting : bool, default False
        True where an estimator is fitted on the result: categories stay known as such.
    """
    steps = plan(stages, jvm=True, nominal=_nominal(frame) if fitting else None)
    for step, wanted in zip(steps, _wanted(steps, keep), strict=True):
        if isinstance(step, Relation):
            frame = step.stage.aggregate_spark(frame)
        elif isinstance(step, Foreign):
            frame = step.transformer.transform(frame)
        else:
            frame = _run(step, frame, wanted, mode)
    return frame


def _nominal(frame: DataFrame) -> list[str]:
    """Columns that are categories, or vectors with categories in them, by Spark ML's metadata."""
    known = {f.name: f.metadata.get("ml_attr", {}) for f in frame.schema.fields}
    return [
        name
        for name, held in known.items()
        if held.get("type") == "nominal" or "nominal" in held.get("attrs", {})
    ]


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
        else:
            later = step.needs(later)
    return wanted[::-1]


def _run(run: Run, frame: DataFrame, keep: list[str] | None, mode: Mode) -> DataFrame:
    declared = frame.schema
    schema = arrow_schema(declared)
    result = run.output_schema(schema)
    reads = run.reads(schema)
    leaves = [c for c in result.names if keep is None or c in keep]
    writes = [c for c in run.writes(schema) if c in leaves]
    if run.keeps_rows and not writes:  # nothing is made, or nobody wants it
        return frame.select(*[F.col(quoted(c)) for c in leaves])
    function = run.function()
    ship(frame.sparkSession, files_in(function))
    # Spark 4.3 can't carry a UDT past an arrow_udf that reads a columnar source (Parquet).
    udt = any(isinstance(f.dataType, UserDefinedType) for f in declared.fields)
    fits = HAS_ARROW_UDF and run.keeps_rows and bool(reads) and not udt and not run.looks_ahead
    if mode == "struct_udf" or (mode == "auto" and fits):
        made = pa.schema([result.field(c) for c in writes])
        return _with_struct(frame, function, reads, made, leaves)
    if keep is not None:
        wanted = {*keep, *reads}
        frame = frame.select(*[F.col(quoted(c)) for c in frame.columns if c in wanted])
        schema = arrow_schema(frame.schema)
        result = run.output_schema(schema)
    target = pa.schema([result.field(c) for c in leaves])
    stream = run.stream_function() if run.looks_ahead else Mapped(function)
    names, columns = target.names, frame.columns

    def each(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in stream(b.rename_columns(columns) for b in batches):
            yield batch.select(names)
            settle()

    if any(mark in name for name in columns for mark in ".`"):
        # mapInArrow itself takes a dot in a name for a field of a struct.
        frame = frame.toDF(*[f"irbis_{i}" for i in range(len(columns))])
    return frame.mapInArrow(each, spark_schema(target, like=declared))


def _with_struct(
    frame: DataFrame, function: Chain, reads: list[str], made: pa.Schema, leaves: list[str]
) -> DataFrame:
    # Vectors travel as arrays and become vectors in the JVM: Spark 4.3 can't return a UDT from an
    # arrow_udf whose input comes from a columnar source such as Parquet.
    vectors = {f.name for f in made if is_vector(f.type)}
    names = made.names
    plain = pa.schema([f.with_type(_ARRAY) if f.name in vectors else f for f in made])

    def fused(*columns: pa.Array) -> pa.Array:
        out = function(pa.RecordBatch.from_arrays(list(columns), names=reads))
        settle()
        parts = [vectors_to_lists(out.column(n)) if n in vectors else out.column(n) for n in names]
        return pa.StructArray.from_arrays(parts, names=names)

    # Unlike any column of the user's; it never leaves this function.
    holder = f"irbis_{uuid4().hex}"
    udf = F.arrow_udf(fused, returnType=spark_schema(plain))
    held = frame.withColumn(holder, udf(*[F.col(quoted(c)) for c in reads]))

    def result(name: str) -> Column:
        if name not in names:
            return F.col(quoted(name))
        value = F.col(f"{holder}.{quoted(name)}")
        if name in vectors:  # Spark's vector functions fail on null
            value = F.when(value.isNotNull(), array_to_vector(value))
        return value.alias(name)

    return held.select(*[result(c) for c in leaves])
