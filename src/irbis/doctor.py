"""irbis doctor: is everything there that a job needs? Each finding in plain words."""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec

from irbis.errors import IrbisError
from irbis.java import find_java

__all__ = ["examine"]

_EXTRAS = {
    "train": ("torch", "torchvision", "efficientnet_lite_pytorch"),
    "viz": ("matplotlib", "jinja2"),
    "http": ("aiohttp", "tenacity"),
}
_NEEDED_BY = {"train": "discover", "viz": "discover", "http": "HTTPTransformer and its kin"}


def _python() -> str:
    return f"{platform.python_version()} at {sys.executable}"


def _java() -> str:
    java = find_java()
    command = "java" if java.home is None else str(java.home / "bin" / "java")
    said = subprocess.run(
        [command, "-version"], capture_output=True, text=True, timeout=60, check=False
    )
    if said.returncode:
        raise IrbisError(f"{command} that does not run", expected="Java 17 or later")
    return f"{said.stderr.splitlines()[0]} (from {java.source})"


def _packages() -> str:
    names = ("pyspark", "pyarrow", "numpy", "onnxruntime", "pandas")
    return ", ".join(f"{n} {importlib.metadata.version(n)}" for n in names)


def _spark() -> str:
    from irbis.spark import session

    spark = session()
    seen = spark.range(1).mapInArrow(_worker, "python string").collect()[0]["python"]
    here = platform.python_version()
    if seen != here:
        raise IrbisError(
            f"Python {seen} in Spark's workers", expected=here, do="set PYSPARK_PYTHON"
        )
    return f"Spark {spark.version} answers, its workers run the same Python"


def _worker(batches: object) -> object:
    import platform

    import pyarrow as pa

    for _ in batches:  # type: ignore[attr-defined]
        yield pa.RecordBatch.from_pydict({"python": [platform.python_version()]})


def _extra(name: str) -> Callable[[], str]:
    def check() -> str:
        missing = [m for m in _EXTRAS[name] if find_spec(m) is None]
        if missing:
            raise IrbisError(
                f"no {', '.join(missing)}",
                do=f"pip install 'irbis[{name}]' (needed by {_NEEDED_BY[name]})",
            )
        return "installed"

    return check


def _network() -> str:
    from irbis.model.hub import ModelDownloader

    schema = ModelDownloader().downloadByName("EfficientNetLite0")
    schema.file.locate()
    return f"{schema.name} at {schema.uri}"


def examine() -> bool:
    """Print every finding; return whether all is well.

    An extra that is not installed is no fault by itself: it is said, and does not count.
    """
    checks: list[tuple[str, Callable[[], str], bool]] = [
        ("Python", _python, True),
        ("Java", _java, True),
        ("packages", _packages, True),
        ("Spark", _spark, True),
        ("extra [train]", _extra("train"), False),
        ("extra [viz]", _extra("viz"), False),
        ("extra [http]", _extra("http"), False),
        ("network", _network, False),
    ]
    well = True
    for name, check, counts in checks:
        try:
            print(f"  ok    {name:<14} {check()}")
        except Exception as error:  # whatever is broken, the next check still runs
            lines = str(error).splitlines() or [type(error).__name__]
            print(f"  {'FAULT' if counts else 'note '} {name:<14} {lines[0]}")
            well = well and not counts
    print("all is well" if well else "something is missing: see above")
    return well
