"""Calls from the driver, for platforms whose workers have no network."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql.types import UserDefinedType

from irbis import local
from irbis.errors import ParamError, SchemaError
from irbis.spark_schema import spark_schema

__all__ = ["transform"]


def transform(stage: Any, frame: DataFrame) -> DataFrame:
    """Run a stage on a frame in this process, now; the frame passes through its memory.

    Raises
    ------
    ParamError
        For a stream: it has no end to wait for.
    SchemaError
        For a column that does not travel to the driver as Arrow.
    """
    if frame.isStreaming:
        raise ParamError(
            "execution='driver' on a stream",
            expected="a frame with an end",
            do="call the stage on each batch: writeStream.foreachBatch(lambda batch, _: ...)",
        )
    for field in frame.schema.fields:
        if isinstance(field.dataType, UserDefinedType):
            raise SchemaError(
                f"{field.name}: {field.dataType.simpleString()}, with execution='driver'",
                expected="plain columns",
                do="turn vectors into arrays (vector_to_array) or drop the column",
            )
    made = local.transform_table([stage], frame.toArrow())
    schema = spark_schema(made.schema, like=frame.schema)
    return frame.sparkSession.createDataFrame(made, schema=schema)
