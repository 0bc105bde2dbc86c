"""A Spark session: the caller's if there is one, else a local one set up for pictures."""

from __future__ import annotations

import logging
import os
import re
import shutil
import sys
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from pyspark.errors import PySparkRuntimeError
from pyspark.sql import SparkSession, is_remote
from pyspark.sql.utils import get_active_spark_context

from irbis import daemon
from irbis.errors import EngineError, ParamError
from irbis.java import Java, find_java
from irbis.machine import driver_memory, memory
from irbis.worker_python import worker_python

__all__ = ["LOCAL_SETTINGS", "Engine", "describe", "session"]

log = logging.getLogger("irbis")

#: What a session that we start is set to, beside ``spark.driver.memory`` (see :func:`session`).
LOCAL_SETTINGS: dict[str, str] = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "8",
    # Pictures: batches bounded by bytes, and many small files packed into a partition.
    "spark.sql.execution.arrow.maxBytesPerBatch": str(16 << 20),
    # Columnar input would skip that bound: a Parquet batch is 4096 pictures.
    "spark.sql.execution.arrow.pythonUDF.columnarInput.enabled": "false",
    "spark.sql.files.openCostInBytes": str(64 << 10),
    # Many tasks a core: packed by bytes, pictures of one size meet, and one task would be last.
    "spark.sql.files.minPartitionNum": str(8 * (os.cpu_count() or 1)),
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # Between JVM and worker: over TCP every task waits 40 ms for a delayed acknowledgement.
    "spark.python.unix.domain.socket.enabled": str(os.name == "posix").lower(),
}
# A task that dies (a worker killed for memory) is run again: plain local[n] gives it one try.
_MASTER = "local[*, 4]"


@dataclass(frozen=True)
class Engine:
    """What :func:`session` returns or would start.

    Parameters
    ----------
    how : str
        "active" (there is one), "connect" (a server is named), "submitted" (spark-submit started
        this process) or "new".
    master : str
        Master or Connect server; no token of its address is kept.
    java : Java or None
        The Java of a session of our own.
    python : str or None
        Program of the workers; None if the cluster decides.
    memory : str or None
        Driver memory of a session of our own.

    Examples
    --------
    >>> print(Engine("new", "local[2]", python="/venv/bin/python", memory="1g"))
    new session, local[2]; workers run /venv/bin/python; driver memory 1g
    """

    how: str
    master: str
    java: Java | None = None
    python: str | None = None
    memory: str | None = None

    def __str__(self) -> str:
        parts = [f"{self.how} session, {self.master}"]
        parts += [] if self.java is None else [str(self.java)]
        parts += [f"workers run {self.python or 'the Python that the cluster has'}"]
        parts += [] if self.memory is None else [f"driver memory {self.memory}"]
        return "; ".join(parts)


def describe(master: str | None = None, **settings: Any) -> Engine:
    """Say what :func:`session` returns or would start; starts nothing.

    Parameters and errors are those of :func:`session`.
    """
    chosen = _dotted(settings)
    active = _running()
    if active is not None:
        there = active.conf.get("spark.master", "unknown master") or "unknown master"
        return Engine("active", there, python=os.environ.get("PYSPARK_PYTHON"))
    remote = os.environ.get("SPARK_REMOTE")
    if remote and not _is_local(remote):
        # What follows the port may be a token.
        return Engine("connect", re.sub(r"^(\w+://)?([^/;@]*@)?([^/;]*).*", r"\1\3", remote))
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        return Engine("submitted", "its cluster", python=os.environ.get("PYSPARK_PYTHON"))
    if os.name == "posix" and shutil.which("bash") is None:
        raise EngineError("no bash on PATH", expected="bash: Spark's start script is written in it")
    master = remote or master or _MASTER
    return Engine(
        "connect" if remote else "new",
        master,
        find_java(),
        worker_python() if _is_local(master) else os.environ.get("PYSPARK_PYTHON"),
        None if remote else chosen.get("spark.driver.memory", driver_memory(memory())),
    )


def session(master: str | None = None, **settings: Any) -> SparkSession:
    """Return the Spark session there is, or start one; say on the logger "irbis" what was chosen.

    Taken in this order: the active session (settings are not applied to it); the Connect server
    that SPARK_REMOTE names; the cluster of spark-submit; a new session on `master`. For a new one
    JAVA_HOME is set to the Java found (see :mod:`irbis.java`), and on a local master PYSPARK_PYTHON
    to this interpreter, unless it is set already. Workers that run this interpreter are forked from
    a process that has loaded the libraries (:mod:`irbis.daemon`; Linux).

    Parameters
    ----------
    master : str, default ``"local[*, 4]"``
        Where a new session runs; all cores, four tries a task.
    **settings
        Spark settings of a new session, each dot of a name written as two underscores:
        ``spark__driver__memory="4g"`` is ``spark.driver.memory``. They come after
        :data:`LOCAL_SETTINGS`. Driver memory is by default a quarter of the machine's (or the
        container's) memory, from 1 to 8 GiB.

    Returns
    -------
    SparkSession
        Classic or Connect.

    Raises
    ------
    EngineError
        Before Spark starts: if there is no Java it can use, or PYSPARK_PYTHON names an interpreter
        that does not run or has another minor version than this one (local masters).
    ParamError
        If a setting's name is none.
    """
    active = _running()
    if active is not None:
        if master or settings:
            log.info("a session is there: it is used as it is, without %s", master or [*settings])
        return active
    engine = describe(master, **settings)
    builder = SparkSession.builder.appName("irbis")
    chosen = _dotted(settings)
    if engine.java is not None:
        for line in engine.java.skipped:
            log.warning("%s; taken: %s", line, engine.java)
        engine.java.put_into(os.environ)
        if engine.python is not None:
            # Workers would otherwise run whatever "python3" is on PATH.
            os.environ["PYSPARK_PYTHON"] = engine.python
        # Another Python may have no irbis.
        forked = daemon.SETTINGS if engine.python == sys.executable else {}
        chosen = LOCAL_SETTINGS | forked | chosen
        if engine.how == "new":
            builder = builder.master(engine.master)
            quiet = files("irbis").joinpath("log4j2.properties")
            chosen = {
                "spark.driver.memory": str(engine.memory),
                "spark.driver.extraJavaOptions": f'"-Dlog4j2.configurationFile=file:{quiet}"',
            } | chosen
    for key, value in chosen.items():
        builder = builder.config(key, value)
    log.info("%s", engine)
    return builder.getOrCreate()


def _running() -> SparkSession | None:
    # Not getActiveSession: that one is the thread's, and another thread would start anew.
    try:
        found = SparkSession.active()
        if not is_remote():
            get_active_spark_context()  # a context that was stopped leaves its session behind
    except PySparkRuntimeError:
        return None
    return found


def _dotted(settings: dict[str, Any]) -> dict[str, str]:
    chosen = {name.replace("__", "."): _text(value) for name, value in settings.items()}
    for name in chosen:
        if not name.startswith("spark."):
            raise ParamError(
                f"the setting {name}",
                expected="a Spark setting, two underscores for each dot",
                do='write it like spark__driver__memory="4g"',
            )
    return chosen


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_local(master: str) -> bool:
    return re.match(r"local(\[|-cluster\[|$)", master) is not None
