"""PartitionConsolidator: few partitions, so few connections, for a strict service."""

from __future__ import annotations

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from irbis.converters import flag, whole
from irbis.params import ParamField, param
from irbis.stage import RelationalStage, Traits

__all__ = ["PartitionConsolidator"]


class PartitionConsolidator(RelationalStage):
    """Bring all rows into a few partitions, so that a few tasks do what comes next.

    Rows of one partition stay together and in order. In a local call a table is one partition
    already, and is returned as it is.

    SynapseML's stage of that name funnels the partitions of each executor into one, through a queue
    in the JVM, in which a task that is tried again can lose or repeat rows. This one asks Spark to
    move the rows: nothing is lost, and the number holds for the query, not for each executor.

    Parameters
    ----------
    partitions : int, default 1
        Partitions afterwards, from 1 on; never more than there were if `shuffle` is False.
    shuffle : bool, default True
        True: rows are moved, and what stands before keeps its parallelism. False: nothing is
        moved, and what stands before, back to the last shuffle, runs in as few tasks, too.

    Examples
    --------
    >>> PartitionConsolidator(partitions=2).transform(pa.table({"id": [1]})).to_pydict()
    {'id': [1]}
    """

    traits = Traits()

    partitions: ParamField[int] = param("partitions afterwards", whole(1), default=1)
    shuffle: ParamField[bool] = param(
        "move rows, so that what stands before keeps its parallelism", flag, default=True
    )

    def input_columns(self) -> list[str]:
        """None."""
        return []

    def needed_columns(self) -> list[str] | None:
        """None: the columns pass through."""
        return None

    def output_schema(self, schema: pa.Schema) -> pa.Schema:
        """Schema of the result: the same."""
        return schema

    def aggregate_table(self, table: pa.Table) -> pa.Table:
        """Return the table: it is one partition."""
        return table

    def aggregate_spark(self, frame: DataFrame) -> DataFrame:
        """Repartition a Spark DataFrame."""
        n = self.value("partitions")
        if not self.value("shuffle"):
            return frame.coalesce(n)
        if n == 1:
            return frame.repartition(1)
        # Not repartition(n): it deals rows out one by one, sorted by their hash.
        origin = F.spark_partition_id()
        if hasattr(frame, "repartitionById"):  # Spark 4.1
            return frame.repartitionById(n, origin)
        return frame.repartition(n, origin)
