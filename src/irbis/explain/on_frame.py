"""Explanations of a model that only Spark can run, on a DataFrame.

Perturbed pictures become rows here, but they are nowhere collected: they are made in one
``mapInArrow``, at most 16 a batch, go through the model, and are dropped for the answers before
anything is exchanged between tasks. What is grouped by picture is numbers, and each picture's own
row once. So as many perturbed pictures are in flight as Spark has in its Arrow batches, whatever
the number of pictures and of samples.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from pyspark.ml.functions import vector_to_array
from pyspark.ml.linalg import VectorUDT
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, NumericType

from irbis.errors import ParamError, SchemaError
from irbis.explain.perturbation import LimeFunction
from irbis.explain.sample_rows import ANSWERS, HELD, NUMBER, SAMPLE, FitSamples, MakeSamples
from irbis.schema import field_of, is_image
from irbis.settled import settle
from irbis.spark_schema import arrow_schema, quoted, spark_schema

__all__ = ["explain_frame", "shows_files"]


def shows_files(schema: pa.Schema, source: str) -> bool:
    """Whether a column holds encoded pictures, so that the model is shown such."""
    return not is_image(field_of(schema, source, reader="ImageLIME").type)


def explain_frame(
    model: Any, frame: DataFrame, function: LimeFunction, result: pa.Schema
) -> DataFrame:
    """Explain the pictures of a frame.

    Parameters
    ----------
    model : Transformer of Spark
        Answers each row by itself and lets other columns pass.
    frame : DataFrame
        Not a streaming one.
    function : LimeFunction
        Whose network is a :class:`irbis.explain.shown.Shown`.
    result : pa.Schema
        Of the result.

    Raises
    ------
    ParamError
        For a stream.
    SchemaError
        If the model can't read such pictures, or writes no column to explain.
    """
    if frame.isStreaming:
        raise ParamError(
            "a stream, and a model that only Spark can run",
            expected="a frame with an end: answers are grouped by picture",
            do="explain each batch: writeStream.foreachBatch(lambda batch, _: ...)",
        )
    declared, names = frame.schema, tuple(frame.columns)
    make, fit = MakeSamples(function, names), FitSamples(function, names)

    def samples(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from make(batches)
        settle()

    def fitted(answers: pa.Table) -> pa.Table:
        found = fit(answers).select(result.names)
        settle()
        return pa.Table.from_batches([found])

    picture = arrow_schema(declared).field(function.source).type
    rows = pa.schema(
        [
            (NUMBER, pa.int64()),
            (SAMPLE, pa.int32()),
            (HELD, pa.binary()),
            (function.source, picture),
        ]
    )
    # Names of our own: mapInArrow takes a dot in a name for a field of a struct.
    numbered = frame.toDF(*[f"irbis_{at}" for at in range(len(names))]).withColumn(
        NUMBER, F.monotonically_increasing_id()
    )
    shown = numbered.mapInArrow(samples, spark_schema(rows, like=declared))
    scored = model.transform(shown)
    wanted = [NUMBER, SAMPLE, HELD, function.scored]
    if missing := [name for name in wanted if name not in scored.columns]:
        raise SchemaError(
            f"no column {', '.join(missing)} among {scored.columns}",
            expected=f"a model that writes {function.scored} and lets other columns pass",
        )
    answers = _answers(scored, function).alias(ANSWERS)
    # Before the exchange, so that no perturbed picture is part of it.
    small = scored.select(NUMBER, SAMPLE, HELD, answers)
    return small.groupBy(NUMBER).applyInArrow(fitted, spark_schema(result, like=declared))


def _answers(scored: DataFrame, function: LimeFunction) -> Column:
    """The classes to explain, as an array; null where there is none."""
    type_, answer = scored.schema[function.scored].dataType, F.col(quoted(function.scored))
    if isinstance(type_, VectorUDT):  # Spark's vector functions fail on null
        answer = F.when(answer.isNotNull(), vector_to_array(answer))
    elif isinstance(type_, NumericType):
        answer = F.array(answer.cast("double"))
    elif isinstance(type_, ArrayType) and isinstance(type_.elementType, NumericType):
        answer = answer.cast("array<double>")
    else:
        raise SchemaError(
            f"{function.scored}: {type_.simpleString()}", expected="vector, list or number"
        )
    return F.array(*[F.get(answer, F.lit(c)) for c in function.classes])
