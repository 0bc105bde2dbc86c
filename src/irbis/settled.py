"""A Python worker of Spark, once it has loaded what it needs.

PySpark's worker runs a full garbage collection after every task: with pyarrow, a model runtime and
our modules loaded, 30 to 50 ms in which the core does nothing else. What is loaded stays for good,
so it is taken out of the collector's sight, once a process.
"""

from __future__ import annotations

import gc
import sys

__all__ = ["settle"]

_done = False


def settle() -> None:
    """Freeze what is loaded by now; does nothing outside a worker of Spark, or a second time."""
    global _done  # noqa: PLW0603 - once a process
    if _done or not _in_worker():
        return
    _done = True
    gc.collect()
    gc.freeze()


def _in_worker() -> bool:
    files = getattr(sys.modules.get("pyspark"), "SparkFiles", None)
    return bool(getattr(files, "_is_running_on_worker", False))
