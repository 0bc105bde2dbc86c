"""Folders to the pictures below them, as an iterator: what lists a million files in a worker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from irbis.image.extensions import EXTENSIONS

__all__ = ["Walk", "walk"]

#: Paths of a batch: memory does not depend on how many pictures a folder has.
_ROWS = 4096


def walk(folder: str, *, below: bool = True) -> Iterator[str]:
    """Paths of the pictures in a folder, in no order.

    Parameters
    ----------
    folder : str
    below : bool, default True
        Folders inside too. Those whose name starts with a dot or an underscore are left out, as
        Spark does.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith((".", "_")):
                continue
            if entry.is_dir():
                if below:
                    yield from walk(entry.path)
            elif Path(entry.name).suffix.lower().lstrip(".") in EXTENSIONS:
                yield entry.path


@dataclass(frozen=True)
class Walk:
    """Batches of (folder, below) to batches of paths, for ``mapInArrow``."""

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """List the folders of each batch."""
        found: list[str] = []
        for batch in batches:
            for row in batch.to_pylist():
                for path in walk(row["folder"], below=row["below"]):
                    found.append(path)
                    if len(found) == _ROWS:
                        yield _batch(found)
                        found = []
        yield _batch(found)


def _batch(paths: list[str]) -> pa.RecordBatch:
    return pa.record_batch([pa.array(paths, pa.string())], names=["path"])
