"""Which columns a transformer writes, told without a schema: from the transformer alone."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

__all__ = ["written_columns"]

# How Params begin that name a column to read, in Spark ML and here.
_READ = ("input", "features", "label", "weight", "user", "item", "censor", "target")


def written_columns(stage: Any) -> list[str]:
    """Return the columns that an adapter, a stage of irbis or a Spark transformer writes.

    An adapter says it in ``output_columns()``, and so may any stage. Of others it is the value of every Param whose name ends in ``Col`` or
    ``Cols``, unless the Param begins like one that is read or the stage says that it reads it.
    """
    if hasattr(stage, "output_columns"):
        return list(stage.output_columns())
    reads = stage.input_columns() if hasattr(stage, "input_columns") else []
    if hasattr(stage, "aggregate_table"):
        # Any type that can be averaged will do.
        return list(stage.output_schema(pa.schema([(name, pa.float64()) for name in reads])).names)
    found: list[str] = []
    for param in getattr(stage, "params", []):
        name = param.name
        if not name.endswith(("Col", "Cols")) or name.startswith(_READ):
            continue
        if name == "errorCol" and hasattr(stage, "error_column"):
            value = stage.error_column()
        else:
            value = stage.getOrDefault(param) if stage.isDefined(param) else None
        found += value if isinstance(value, (list, tuple)) else [value] if value else []
    return [name for name in found if name not in reads]
