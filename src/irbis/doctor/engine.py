"""Java, the Spark that SPARK_HOME names, and the Python of Spark's workers: without starting Spark."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from irbis.doctor.finding import Finding, fault, note, ok
from irbis.doctor.requirements import installed
from irbis.errors import EngineError
from irbis.java import find_java
from irbis.worker_python import worker_python

__all__ = ["java", "spark_home", "worker_interpreter"]


def java(_seconds: float) -> Iterator[Finding]:
    """A Java that Spark can use, and what was found and not taken."""
    try:
        found = find_java()
    except EngineError as error:
        yield fault(f"{error.got}; expected {error.expected}", "Spark can't start", error.do or "")
    else:
        for line in found.skipped:
            yield note(
                f"skipped {line}",
                f"irbis takes {found} instead; other Spark programs may not",
                "correct or unset JAVA_HOME"
                if line.startswith("JAVA_HOME")
                else "set JAVA_HOME to a Java that fits",
            )
        yield ok(str(found))
    if os.name == "posix" and shutil.which("bash") is None:
        yield fault("no bash on PATH", "Spark's start script is written in it", "install bash")


def spark_home(_seconds: float) -> Iterator[Finding]:
    """SPARK_HOME: another Spark than the package's is started, if it is set."""
    home = os.environ.get("SPARK_HOME")
    if not home:
        yield ok("not set: the Spark of the pyspark package is used")
        return
    jars = sorted(Path(home, "jars").glob("spark-core_*.jar"))
    version = re.search(r"-(\d[\w.]*)\.jar$", jars[0].name) if jars else None
    package = installed("pyspark")
    if version is None:
        yield fault(
            f"SPARK_HOME={home} has no Spark in it",
            "PySpark starts Spark from there, and will fail",
            "unset SPARK_HOME",
        )
    elif package is not None and package[0] == "pyspark" and package[1] != version[1]:
        yield fault(
            f"SPARK_HOME={home} is Spark {version[1]}, the package is PySpark {package[1]}",
            "the two must be of one version",
            f"unset SPARK_HOME, or pip install pyspark=={version[1]}",
        )
    else:
        yield ok(f"SPARK_HOME={home} is Spark {version[1]}")


def worker_interpreter(_seconds: float) -> Iterator[Finding]:
    """The Python that workers on this machine will run."""
    if os.environ.get("SPARK_REMOTE", "").startswith("sc://"):
        yield ok("SPARK_REMOTE is set: the server decides")
        return
    try:
        found = worker_python()
    except EngineError as error:
        means = f"Spark's workers can't run; expected {error.expected}"
        yield fault(error.got, means, error.do or "")
    else:
        why = "PYSPARK_PYTHON" if os.environ.get("PYSPARK_PYTHON") else "this interpreter"
        yield ok(f"{found} ({why})")
