"""The interpreter, and irbis itself."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from irbis.doctor.finding import Finding, fault, note, ok

__all__ = ["irbis_itself", "python"]


def python(_seconds: float) -> Iterator[Finding]:
    """The interpreter."""
    found = f"Python {platform.python_version()} at {sys.executable}"
    if tuple(map(int, platform.python_version_tuple()[:2])) < (3, 11):
        yield fault(found, "irbis needs Python 3.11 or newer", "make a new environment with one")
    else:
        yield ok(found)


def irbis_itself(_seconds: float) -> Iterator[Finding]:
    """The package itself: which one is imported, and whether it is installed."""
    import irbis

    found = f"irbis {irbis.__version__} at {Path(irbis.__file__).parent}"
    try:
        importlib.metadata.version("irbis")
    except importlib.metadata.PackageNotFoundError:
        yield note(
            f"{found}, not installed",
            "it is found on a path only: its requirements can't be checked, and Spark's workers "
            "find it only if they have that path too",
            "pip install irbis",
        )
    else:
        yield ok(found)
