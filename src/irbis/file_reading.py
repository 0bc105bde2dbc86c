"""Files by path or URI, read where the stage runs: the function behind ReadFiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import fs

from irbis.errors import RowError
from irbis.lookahead import ordered
from irbis.process_cache import cached
from irbis.schema import column, put, to_error

__all__ = ["ReadStream"]

#: Bytes after which a batch is handed on: a batch of ten thousand paths may stand for gigabytes.
BATCH_BYTES = 16 << 20
# Hadoop's names of what Arrow knows by another.
_SCHEMES = {"s3a": "s3", "s3n": "s3"}


class _UnreadableError(Exception):
    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class ReadStream:
    """Reads each row's file, some ahead, and hands rows on in batches bounded by bytes."""

    source: str
    target: str
    error: str | None
    most: int
    concurrency: int

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Read the files of each batch."""
        for batch in batches:
            yield from self._read(batch)

    def _read(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        paths = column(batch, self.source).to_pylist()
        # What lies on this machine comes from memory or a disk: threads would only take turns.
        remote = any(_is_remote(path) for path in paths if path)
        found: list[bytes | _UnreadableError] = []
        start = size = 0
        for content in ordered(self._one, paths, self.concurrency if remote else 1):
            if isinstance(content, _UnreadableError) and self.error is None:
                row = start + len(found)
                raise RowError(f"row {row}: {content}", do="set errors='column'")
            found.append(content)
            size += len(content) if isinstance(content, bytes) else 0
            if size >= BATCH_BYTES:
                yield self._made(batch.slice(start, len(found)), found)
                start, size, found = start + len(found), 0, []
        if found or not paths:
            yield self._made(batch.slice(start), found)

    def _made(self, batch: pa.RecordBatch, found: list[bytes | _UnreadableError]) -> pa.RecordBatch:
        content = [c if isinstance(c, bytes) else None for c in found]
        batch = put(batch, self.target, pa.array(content, pa.binary()))
        if self.error is None:
            return batch
        errors = [(c.kind, str(c)) if isinstance(c, _UnreadableError) else None for c in found]
        return put(batch, self.error, to_error(errors))

    def _one(self, path: str | None) -> bytes | _UnreadableError:
        try:
            return self._content(path)
        except _UnreadableError as error:
            return error
        except FileNotFoundError:
            return _UnreadableError("missing", "no such file")
        except Exception as error:  # what a file system may raise is its own affair
            # Its message may hold a signed URL: the kind of error is enough to go on.
            reason = getattr(error, "strerror", None)
            return _UnreadableError("read", str(reason or type(error).__name__))

    def _content(self, path: str | None) -> bytes:
        if not path:
            raise _UnreadableError("null", "no path")
        if not _is_remote(path):
            with Path(_local(path)).open("rb") as file:
                content = file.read(self.most + 1)
        else:
            scheme, rest = path.split("://", 1)
            store, _, key = rest.partition("/")
            system, root = _store(_SCHEMES.get(scheme, scheme), store)
            with system.open_input_stream(f"{root.rstrip('/')}/{key}") as file:
                content = file.read(self.most + 1)
        if len(content) > self.most:
            raise _UnreadableError("too_large", f"more than the {self.most} bytes of maxBytes")
        return bytes(content)


def _is_remote(path: str) -> bool:
    return "://" in path and not path.startswith("file://")


def _local(path: str) -> str:
    # As Spark writes it: file:/a b.jpg or file:///a b.jpg, nothing in it percent-encoded.
    return "/" + path[5:].lstrip("/") if path.startswith("file:/") else path


def _store(scheme: str, store: str) -> tuple[Any, str]:
    """One client for a bucket or a host in this process."""
    uri = f"{scheme}://{store}/"

    def load() -> tuple[Any, str]:
        system, root = fs.FileSystem.from_uri(uri)
        return system, root

    return cached(("file system", uri), load)
