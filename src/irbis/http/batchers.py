"""The stream functions behind the mini-batch transformers. Imports no pyspark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from irbis.http.ahead import ReadAhead
from irbis.http.lists import in_lists, together

__all__ = ["ArrivedBatches", "FixedBatches"]


@dataclass(frozen=True)
class FixedBatches:
    """Lists of `size` rows, whatever batches the rows come in; the last list may be shorter.

    Parameters
    ----------
    size : int, rows
    ahead : int, optional
        Lists whose rows are read on a thread of its own while others are worked on; None: no thread.
    """

    size: int
    ahead: int | None = None

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Put the rows of an iterator of batches into lists."""
        if self.ahead is None:
            yield from self._cut(batches)
            return
        with ReadAhead(batches, rows=self.ahead * self.size) as reader:
            yield from _or_empty(self._cut(iter(reader)), reader)

    def _cut(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        size, held, rows = self.size, [], 0
        empty, given = None, False
        for batch in batches:
            n, start = batch.num_rows, 0
            if not n:
                empty = batch
                continue
            if rows:
                # Only what completes a list is copied; whole lists are slices of the batch.
                start = min(size - rows, n)
                held.append(batch.slice(0, start))
                rows += start
                if rows < size:
                    continue
                yield in_lists(together(held), [size])
                held, rows, given = [], 0, True
            whole = (n - start) // size
            if whole:
                yield in_lists(batch.slice(start, whole * size), [size] * whole)
                given = True
            rest = batch.slice(start + whole * size)
            if rest.num_rows:
                held, rows = [rest], rest.num_rows
        if rows:
            yield in_lists(together(held), [rows])
        elif not given and empty is not None:
            yield in_lists(empty, [])


@dataclass(frozen=True)
class ArrivedBatches:
    """Lists of the rows that have arrived while the list before was worked on.

    Parameters
    ----------
    most : int, optional
        Rows of a list at most.
    wait : float, seconds
        How long the first row of a list waits for others.
    """

    most: int | None = None
    wait: float = 0.0

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Put the rows of an iterator of batches into lists."""
        with ReadAhead(batches, rows=self.most) as reader:
            yield from _or_empty(self._lists(reader), reader)

    def _lists(self, reader: ReadAhead) -> Iterator[pa.RecordBatch]:
        while (batch := reader.take(self.most, self.wait)) is not None:
            n = batch.num_rows
            size = n if self.most is None else min(n, self.most)
            yield in_lists(batch, [size] * (n // size))


def _or_empty(lists: Iterator[pa.RecordBatch], reader: ReadAhead) -> Iterator[pa.RecordBatch]:
    given = False
    for batch in lists:
        given = True
        yield batch
    if not given and reader.empty is not None:
        yield in_lists(reader.empty, [])
