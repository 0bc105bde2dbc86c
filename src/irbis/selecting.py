"""The functions behind SelectColumns and DropColumns.

Fused, a function sees only the columns that its run reads or makes: one that is not there passes by
outside, in Spark.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

__all__ = ["DropFunction", "SelectFunction"]


@dataclass(frozen=True)
class SelectFunction:
    """Keep columns, in this order."""

    names: tuple[str, ...]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Keep those of them that are there."""
        return batch.select([name for name in self.names if name in batch.schema.names])


@dataclass(frozen=True)
class DropFunction:
    """Drop columns."""

    names: tuple[str, ...]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Keep the others."""
        return batch.select([name for name in batch.schema.names if name not in self.names])
