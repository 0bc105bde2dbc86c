"""Which Python Spark's workers run on this machine: the driver's, unless PYSPARK_PYTHON says else."""

from __future__ import annotations

import os
import shutil
import sys

from irbis.child import run_child
from irbis.errors import EngineError

__all__ = ["worker_python"]

_SECONDS = 30.0
_ASK = "import sys; print('%d.%d' % sys.version_info[:2])"


def worker_python() -> str:
    """The program of the workers.

    Raises
    ------
    EngineError
        If PYSPARK_PYTHON names one that does not run, or another minor version than the driver's:
        Spark would start, and fail in its first task.

    Examples
    --------
    >>> os.environ.pop("PYSPARK_PYTHON", None) and None
    >>> worker_python() == sys.executable
    True
    """
    named = os.environ.get("PYSPARK_PYTHON")
    if not named or named == sys.executable:
        return sys.executable
    here = "{}.{}".format(*sys.version_info[:2])
    found = shutil.which(named)
    if found is None:
        raise _error(f"{named}, which is no program here", here)
    try:
        said = run_child([found, "-c", _ASK], timeout=_SECONDS)
    except OSError as error:
        raise _error(f"{named}, which does not run: {error.strerror}", here) from None
    if said.code is None:
        raise _error(f"{named}, which gave no answer in {_SECONDS:.0f} s", here)
    version = (said.out.split() or ["?"])[-1]
    if said.code or not version.replace(".", "").isdigit():
        raise _error(f"{named}, which does not say its version (exit code {said.code})", here)
    if version != here:
        raise _error(f"{named}, which is Python {version}", here)
    return named


def _error(got: str, here: str) -> EngineError:
    return EngineError(
        f"PYSPARK_PYTHON={got}",
        expected=f"a Python {here} for Spark's workers, as the driver runs",
        do=f"unset PYSPARK_PYTHON, or set it to {sys.executable}",
    )
