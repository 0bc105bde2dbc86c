"""A Python worker of Spark, once it has loaded what it needs.

PySpark's worker runs a full garbage collection after every task: with pyarrow, a model runtime and
our modules loaded, 30 to 50 ms in which the core does nothing else. What is loaded stays for good,
so it is taken out of the collector's sight, once a process.

When the session ends, an idle worker tries to tell the JVM so. Over a Unix socket that fails at once,
and PySpark's daemon prints a traceback for each worker, which means nothing: it is not printed.
"""

from __future__ import annotations

import gc
import sys
import traceback
from types import ModuleType, SimpleNamespace

__all__ = ["part_quietly", "settle"]

_done = False


def settle() -> None:
    """Freeze what is loaded by now; does nothing outside a worker of Spark, or a second time."""
    global _done  # noqa: PLW0603 - once a process
    if _done or not _in_worker():
        return
    _done = True
    gc.collect()
    gc.freeze()
    part_quietly(sys.modules.get("pyspark.daemon", sys.modules["__main__"]))


def _in_worker() -> bool:
    files = getattr(sys.modules.get("pyspark"), "SparkFiles", None)
    return bool(getattr(files, "_is_running_on_worker", False))


def part_quietly(daemon: ModuleType) -> None:
    """Give PySpark's daemon, which this process was forked from, another `traceback`."""
    if getattr(daemon, "traceback", None) is not traceback or not hasattr(daemon, "manager"):
        return  # not the daemon as we know it

    def print_exc(*args: object, **options: object) -> None:
        if sys.exc_info()[0] is not BrokenPipeError:
            traceback.print_exc(*args, **options)  # type: ignore[arg-type]

    daemon.traceback = SimpleNamespace(**{**vars(traceback), "print_exc": print_exc})  # type: ignore[attr-defined]
