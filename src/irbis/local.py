"""Run steps on a pyarrow Table in this process: no Spark session, no JVM, no pyspark."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from irbis import adapters
from irbis.errors import ParamError
from irbis.planning import Foreign, Relation, Run, plan

__all__ = ["transform_table"]


def transform_table(stages: Iterable[Any], table: pa.Table) -> pa.Table:
    """Run stages on a table.

    Raises
    ------
    ParamError
        If a transformer among the stages runs only in Spark.
    SchemaError
        If the table lacks a column.
    """
    steps = plan(stages, jvm=False)
    for step in steps:
        if isinstance(step, Foreign):
            raise ParamError(
                f"{type(step.transformer).__name__} in a local call",
                expected=f"irbis stages or one of {', '.join(adapters.names())}",
                do="call transform on a Spark DataFrame",
            )
    for step in steps:
        if isinstance(step, Relation):
            table = step.stage.aggregate_table(table)
        elif isinstance(step, Run):
            table = _run(step, table)
    return table


def _run(run: Run, table: pa.Table) -> pa.Table:
    schema = run.output_schema(table.schema)
    batches = table.to_batches() or [pa.RecordBatch.from_pylist([], schema=table.schema)]
    return pa.Table.from_batches(run.stream_function()(iter(batches)), schema=schema)
