"""A Spark session: the caller's if there is one, else a local one set up for pictures."""

from __future__ import annotations

import logging
import os
import sys
from importlib.resources import files
from typing import Any

from pyspark.sql import SparkSession

from irbis.java import find_java

__all__ = ["LOCAL_SETTINGS", "session"]

log = logging.getLogger("irbis")

#: What a local session of ours is started with.
LOCAL_SETTINGS: dict[str, str] = {
    # A task that dies (a worker killed for memory) is run again: plain local[n] gives it one try.
    "spark.driver.memory": "2g",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "8",
    # Pictures: batches bounded by bytes, and many small files packed into a partition.
    "spark.sql.execution.arrow.maxBytesPerBatch": str(16 << 20),
    # Columnar input would skip that bound: a Parquet batch is 4096 pictures.
    "spark.sql.execution.arrow.pythonUDF.columnarInput.enabled": "false",
    "spark.sql.files.openCostInBytes": str(64 << 10),
    # Several tasks a core: packed by bytes, pictures of one size meet, and one task would be last.
    "spark.sql.files.minPartitionNum": str(4 * (os.cpu_count() or 1)),
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


def session(master: str | None = None, **settings: Any) -> SparkSession:
    """Return the active Spark session, or start a local one.

    Parameters
    ----------
    master : str, default "local[*, 4]"
        Where a new session runs; four tries a task.
    **settings
        Spark settings of a new session, dots written as double underscores
        (``spark__driver__memory="4g"``).

    Returns
    -------
    SparkSession
        Classic or Connect; an active one is returned as it is.

    Raises
    ------
    EngineError
        If a session must be started and there is no Java.
    """
    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    # A Connect server was named, or spark-submit started this process and knows the cluster.
    if "SPARK_REMOTE" in os.environ or "PYSPARK_GATEWAY_PORT" in os.environ:
        return SparkSession.builder.appName("irbis").getOrCreate()
    java = find_java()
    if java.home is not None:
        os.environ["JAVA_HOME"] = str(java.home)
    # Workers would otherwise run whatever "python3" is on PATH.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("irbis").master(master or "local[*, 4]")
    quiet = files("irbis").joinpath("log4j2.properties")
    builder = builder.config(
        "spark.driver.extraJavaOptions", f'"-Dlog4j2.configurationFile=file:{quiet}"'
    )
    chosen = LOCAL_SETTINGS | {k.replace("__", "."): str(v) for k, v in settings.items()}
    for key, value in chosen.items():
        builder = builder.config(key, value)
    log.info("starting a local Spark session, Java from %s", java.source)
    return builder.getOrCreate()
