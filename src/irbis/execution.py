"""One door to every caller: what the dataset is decides who runs the stages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame

from irbis import fusion, local
from irbis.errors import ParamError

__all__ = ["run"]


def run(stages: Sequence[Any], dataset: Any) -> Any:
    """Run stages on a dataset and return the kind that was given.

    Parameters
    ----------
    stages : sequence of transformers
    dataset : DataFrame of Spark, pa.Table, pa.RecordBatch, pandas.DataFrame or ServingFrame

    Raises
    ------
    ParamError
        For any other kind of dataset.
    """
    if isinstance(dataset, DataFrame):
        # A frame of requests knows a way of its own for stages that combine the rows of one.
        own = dataset.__dict__.get("irbis_transform")
        if own is not None and (made := own(stages)) is not None:
            return made
        return fusion.transform_frame(stages, dataset)
    if isinstance(dataset, pa.Table):
        return local.transform_table(stages, dataset)
    if isinstance(dataset, pa.RecordBatch):
        table = local.transform_table(stages, pa.Table.from_batches([dataset])).combine_chunks()
        return (table.to_batches() or [pa.RecordBatch.from_pylist([], schema=table.schema)])[0]
    if type(dataset).__module__.split(".")[0] == "pandas" and hasattr(dataset, "to_records"):
        table = pa.Table.from_pandas(dataset, preserve_index=False)
        return local.transform_table(stages, table).to_pandas()
    if callable(append := getattr(type(dataset), "append_stages", None)):
        return append(dataset, stages)  # a frame of irbis.serving, which records them
    raise ParamError(
        f"a {type(dataset).__module__}.{type(dataset).__name__}",
        expected="a Spark DataFrame, a pyarrow Table or RecordBatch, or a pandas DataFrame",
    )
