"""Functions over an iterator of batches: for stages that gain from looking ahead, such as HTTP.

A stream function gets an iterator of batches and yields batches of the same rows in the same order
(or of more or fewer, where the stage says so), cut as it likes, at least one for a non-empty iterator. Imports no pyspark.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from irbis.schema import BatchFunction, StreamFunction

__all__ = ["Composed", "Mapped", "PerBatch"]


@dataclass(frozen=True)
class Mapped:
    """A batch function over an iterator of batches."""

    function: BatchFunction

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Run the function on each batch as it is asked for."""
        return map(self.function, batches)


@dataclass(frozen=True)
class Composed:
    """Stream functions, each reading from the one before it."""

    functions: tuple[StreamFunction, ...]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Run all functions on an iterator of batches."""
        for function in self.functions:
            batches = function(batches)
        return batches


@dataclass(frozen=True)
class PerBatch:
    """The batch function that a stream function amounts to when nothing can be read ahead."""

    function: StreamFunction

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Run the stream function on one batch alone."""
        parts = list(self.function(iter([batch])))
        if len(parts) == 1:
            return parts[0]
        whole = pa.Table.from_batches(parts).combine_chunks()
        # A table without rows has no batches.
        return whole.to_batches()[0] if whole.num_rows else parts[0]
