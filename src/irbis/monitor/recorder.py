"""What a page's query does with each micro-batch: keep the results, and write down what to show."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import BinaryType

from irbis.monitor.history import History
from irbis.monitor.page_state import batch_document
from irbis.monitor.sights import SIGHTS, SightsFunction
from irbis.spark_schema import quoted, spark_schema

__all__ = ["Columns", "Recorder"]


@dataclass(frozen=True)
class Columns:
    """Names of the columns that a page reads; None where there is no such."""

    path: str
    detections: str
    image: str | None
    error: str | None
    time: str | None


@dataclass(frozen=True)
class Recorder:
    """A function of a micro-batch and its number, for ``foreachBatch``.

    Parameters
    ----------
    columns : Columns
    threshold : float
        Lowest score that counts.
    history : str
        Folder.
    results : str or None
        Folder for the rows, without their binary columns: Parquet, one folder a batch.
    also : function, optional
        Of the batch and its number; called again if a crash came before the batch was recorded.
    """

    columns: Columns
    threshold: float
    history: str
    results: str | None
    also: Callable[[DataFrame, int], None] | None = None

    def __call__(self, frame: DataFrame, batch: int) -> None:
        """Record a batch; one that was recorded before is left alone."""
        history = History(self.history)
        if history.has(batch):
            return
        several = self.results is not None or self.also is not None
        if several:  # or the pictures would be looked at once for each
            frame = frame.persist()
        try:
            if self.results is not None:
                kept = [f.name for f in frame.schema if not isinstance(f.dataType, BinaryType)]
                # The same batch again replaces what a crash left of it: each row stands there once.
                to = f"{self.results.rstrip('/')}/batch={batch}"
                frame.select(*map(quoted, kept)).write.mode("overwrite").parquet(to)
            if self.also is not None:
                self.also(frame, batch)
            # By their roles: mapInArrow takes a dot in a name for a way into a struct.
            roles = {role: name for role, name in vars(self.columns).items() if name is not None}
            plain = frame.select(*(F.col(quoted(n)).alias(role) for role, n in roles.items()))
            function = SightsFunction(**{role: role for role in roles}, threshold=self.threshold)
            found = plain.mapInArrow(function, spark_schema(SIGHTS)).toArrow().to_pylist()
        finally:
            if several:
                frame.unpersist()
        for row in found:
            row["found"] = json.loads(row["found"])
        if found:
            history.add(batch, batch_document(found, datetime.now(UTC)))
