"""PySpark's daemon with the libraries loaded, so that each worker starts with them.

Spark forks its Python workers from a daemon that has loaded next to nothing: every worker, and
every one that takes the place of a dead or an idle one, imports PySpark's worker, pyarrow and pandas
anew, more than a second of CPU. A session that :func:`irbis.session` starts forks them from this
daemon instead, which loads them once; the memory is shared too.

PySpark loads nothing before it forks because a library may start a thread, which the forked process
would lack, with whatever lock it held. So the threads are counted: is there one beside the main
one, this process becomes PySpark's own daemon.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from importlib.machinery import PathFinder
from pathlib import Path

from irbis.settled import part_quietly

__all__ = ["SETTINGS", "load"]

#: What makes Spark use this daemon; empty where threads can't be counted (no Linux).
SETTINGS: dict[str, str] = (
    {"spark.python.daemon.module": "irbis.daemon"} if sys.platform == "linux" else {}
)
_LIBRARIES = (
    *("pyspark.worker", "pyspark.sql.pandas.serializers", "pyspark.ml.linalg"),
    *("pandas", "pyarrow", "irbis.lookahead", "irbis.schema", "irbis.vectors"),
)
# A thread of the allocator jemalloc, which pyarrow contains but does not use by default.
_THREADLESS = ("JE_ARROW_MALLOC_CONF", "background_thread:false")
_THREADS = Path("/proc/self/task")


def load() -> bool:
    """Load what workers need; say whether this process may still be forked from.

    Examples
    --------
    >>> alone = load()
    >>> all(name in sys.modules for name in ("pyspark.worker", "pyarrow", "irbis.vectors"))
    True
    """
    _prefer_installed()
    name, value = _THREADLESS
    before = os.environ.get(name)
    os.environ.setdefault(name, value)
    for library in _LIBRARIES:
        importlib.import_module(library)
    if before is None:
        del os.environ[name]  # for us, not for what a worker starts
    return sum(1 for _ in _THREADS.iterdir()) == 1


def _prefer_installed() -> None:
    # Spark puts a zip of PySpark first: nothing in it is compiled, which costs a second. The package
    # that the zip lies in is the same.
    for entry in [e for e in sys.path if e.endswith("pyspark.zip")]:
        rest = [e for e in sys.path if e != entry]
        spec = PathFinder.find_spec("pyspark", rest)
        if spec and spec.origin and Path(spec.origin).parent in Path(entry).resolve().parents:
            sys.path[:] = rest


def _main() -> None:
    if not load():
        os.execv(sys.executable, [sys.executable, "-m", "pyspark.daemon", *sys.argv[1:]])  # noqa: S606
    from pyspark import daemon

    part_quietly(daemon)
    gc.collect()
    gc.freeze()  # the collector would write to every page, and unshare it
    daemon.manager()


if __name__ == "__main__":
    _main()
