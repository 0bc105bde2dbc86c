"""Run as a program by the doctor: starts Spark, asks its workers, says each step as a JSON line."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from typing import Any

_SCHEMA = "python string, executable string, host string, irbis string, pyarrow string"


def _look(batches: Iterator[Any]) -> Iterator[Any]:
    # Travels by value, for it is in __main__: a worker without irbis can still say so.
    import importlib
    import platform
    import socket
    import sys

    import pyarrow as pa

    row = {
        "python": [platform.python_version()],
        "executable": [sys.executable],
        "host": [socket.gethostname()],
    }
    for name in ("irbis", "pyarrow"):
        try:
            row[name] = [importlib.import_module(name).__version__]
        except Exception as error:  # whatever is wrong there is what we ask for
            row[name] = [f"that can't be imported ({type(error).__name__}: {error})"]
    for _ in batches:
        yield pa.RecordBatch.from_pydict(row)


def _say(step: str, **what: Any) -> None:
    print(json.dumps({"step": step, **what}), flush=True)


def _probe() -> None:
    import pyarrow as pa

    import irbis
    from irbis.spark import describe, session

    here = {"python": platform.python_version(), "irbis": irbis.__version__}
    _say("here", **here, pyarrow=pa.__version__)
    engine = describe()
    remote = engine.master if engine.how == "connect" and engine.java is None else None
    _say("engine", text=str(engine), remote=remote)
    spark = session()
    _say("session", version=spark.version)
    frame = spark.range(0, 16, 1, 4).mapInArrow(_look, _SCHEMA)
    _say("workers", rows=[row.asDict() for row in frame.distinct().collect()])
    spark.stop()
    _say("end")


def main() -> None:
    """Probe; whatever goes wrong is a step too."""
    try:
        _probe()
    except Exception as error:  # any of Spark's: the doctor explains it
        _say("error", text=str(error) or type(error).__name__, do=getattr(error, "do", None))


if __name__ == "__main__":
    main()
