"""How many tasks of a query can run at once: what a limit for the whole query is shared among."""

from __future__ import annotations

import math
import re

from pyspark.sql import SparkSession

__all__ = ["tasks_at_once"]


def tasks_at_once() -> int | None:
    """Upper bound of tasks running at once in the active session, or None if it is not known.

    Read from settings that classic Spark and Connect both show: the master of a local session or
    local cluster, else executors times cores. Without a session there are no tasks: 1.
    """
    spark = SparkSession.getActiveSession()
    if spark is None:
        return 1

    def setting(name: str) -> str | None:
        try:
            found: str | None = spark.conf.get(name, None)
        except Exception:  # a platform that hides its settings
            return None
        return found

    found = _of_master(setting("spark.master") or "")
    if found is not None:
        return found
    per_task = int(setting("spark.task.cpus") or 1)
    if (cores := setting("spark.cores.max")) is not None:
        return max(1, int(cores) // per_task)
    dynamic = (setting("spark.dynamicAllocation.enabled") or "false").lower() == "true"
    name = "spark.dynamicAllocation.maxExecutors" if dynamic else "spark.executor.instances"
    executors, cores = setting(name), setting("spark.executor.cores")
    if executors is None or cores is None or not executors.isdigit():
        return None
    return max(1, int(executors) * (int(cores) // per_task))


def _of_master(master: str) -> int | None:
    if master == "local":
        return 1
    if (found := re.fullmatch(r"local\[(\d+)(?:,\s*\d+)?\]", master)) is not None:
        return int(found[1])
    if re.fullmatch(r"local\[\*(?:,\s*\d+)?\]", master):
        import os

        return os.cpu_count() or 1
    if (found := re.fullmatch(r"local-cluster\[(\d+),\s*(\d+),\s*\d+\]", master)) is not None:
        return math.prod(map(int, found.groups()))
    return None
