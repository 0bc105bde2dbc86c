"""Files on their way to Spark's workers: as artifacts named by their content, once a session.

Spark refuses a second file of the same name with other content, and on Connect every session has a
folder of its own: named by sha256 a file is the same file everywhere, for as long as there is one.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from pyspark.sql import SparkSession

from irbis.files import FileRef, cache_dir

__all__ = ["files_in", "ship"]

_sent: WeakKeyDictionary[SparkSession, set[str]] = WeakKeyDictionary()


def files_in(value: Any) -> Iterator[FileRef]:
    """Find every file that a function carries: what travels names what must travel with it.

    Parameters
    ----------
    value : object
        A function made of dataclasses, as stages make them; tuples, lists and dicts are searched.

    Examples
    --------
    >>> [f.path for f in files_in({"a": [FileRef("model.onnx", "ab")], "b": 1})]
    ['model.onnx']
    """
    if isinstance(value, FileRef):
        yield value
    elif isinstance(value, dict):
        yield from files_in(tuple(value.values()))
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from files_in(item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from files_in(getattr(value, field.name))


def ship(spark: SparkSession, files: Iterable[FileRef]) -> None:
    """Make files available to the session's workers, each once.

    A session whose workers are threads' children of this process (classic ``local[n]``) opens them
    by their path, and nothing is copied.

    Parameters
    ----------
    spark : SparkSession
        Classic or Connect.
    files : iterable of FileRef

    Raises
    ------
    DataError
        If a file is not on this machine.
    """
    wanted = {f.sha256: f for f in files}
    sent = _sent.setdefault(spark, set())
    missing = {sha: f for sha, f in wanted.items() if sha not in sent}
    if not missing:
        return
    if not _same_machine(spark):
        for sha, file in missing.items():
            spark.addArtifacts(str(_named_by_content(file, sha)), file=True)
    sent.update(missing)


def _same_machine(spark: SparkSession) -> bool:
    # A Connect server says local[n] too, and may stand anywhere.
    if ".connect." in type(spark).__module__:
        return False
    master = str(spark.conf.get("spark.master", "") or "")
    return master == "local" or master.startswith("local[")


def _named_by_content(file: FileRef, sha: str) -> Path:
    source = file.locate()
    for kept in (cache_dir() / "files", None):
        # Made only when it is needed: nobody clears it away.
        folder = kept or Path(tempfile.mkdtemp(prefix="irbis-"))
        target = folder / sha
        if target.exists():
            return target
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Complete under another name first: somebody else may be looking.
            partial = folder / f".{sha}.{os.getpid()}"
            shutil.copyfile(source, partial)
            partial.replace(target)
        except OSError:  # a cache that can't be written: the temporary folder will do
            continue
        return target
    return source
