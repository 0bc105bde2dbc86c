"""An iterator of batches read on a thread of its own, as far as a bound. Imports no pyspark."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import Self

import pyarrow as pa

from irbis.http.lists import together

__all__ = ["ReadAhead"]

_BYTES = 64 << 20


class ReadAhead:
    """Batches that have arrived and wait; used as a context, so that the thread ends.

    Parameters
    ----------
    batches : iterator of pa.RecordBatch
    rows : int, optional
        Reading pauses while as many rows wait, or 64 MiB. None: no bound by rows.

    Attributes
    ----------
    empty : pa.RecordBatch or None
        The latest batch without rows; it still has a schema.
    """

    def __init__(self, batches: Iterator[pa.RecordBatch], rows: int | None = None) -> None:
        self.empty: pa.RecordBatch | None = None
        self._batches, self._bound = batches, rows
        self._waiting: deque[tuple[pa.RecordBatch, float]] = deque()
        self._rows = self._bytes = 0
        self._error: BaseException | None = None
        self._ended = self._stopped = False
        self._changed = threading.Condition()

    def __enter__(self) -> Self:
        threading.Thread(target=self._read, name="irbis-read-ahead", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._stopped = True
            self._waiting.clear()
            self._changed.notify_all()

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Batches as they came, one at a time."""
        while (batch := self._take(None, one=True)) is not None:
            yield batch

    def take(self, most: int | None, wait: float = 0.0) -> pa.RecordBatch | None:
        """All rows that have arrived, at least one; None at the end.

        Parameters
        ----------
        most : int, optional
            Rows of a list: where there are more, those of whole lists are taken and the others wait
            on.
        wait : float, seconds
            How long the first row waits for others, counted from its own arrival. It waits no
            longer than until there are `most`, or reading has paused or come to its end.

        Raises
        ------
        What the iterator raised, once all that came before is taken.
        """
        return self._take(most, wait)

    def _take(
        self, most: int | None, wait: float = 0.0, *, one: bool = False
    ) -> pa.RecordBatch | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            if not self._waiting:
                if self._error is not None:
                    raise self._error
                return None
            until = self._waiting[0][1] + wait

            def complete() -> bool:
                enough = most is not None and self._rows >= most
                return enough or self._full() or self._ended

            if wait:
                self._changed.wait_for(complete, max(0.0, until - time.monotonic()))
            left = self._waiting[0][0].num_rows if one else self._rows
            if most is not None and left > most:
                left -= left % most
            taken = []
            while left:
                taken.append(self._next(left))
                left -= taken[-1].num_rows
            self._changed.notify_all()
        return together(taken)

    def _next(self, most: int) -> pa.RecordBatch:
        batch, arrived = self._waiting.popleft()
        self._bytes -= batch.nbytes
        if batch.num_rows > most:
            rest, batch = batch.slice(most), batch.slice(0, most)
            self._waiting.appendleft((rest, arrived))
            self._bytes += rest.nbytes
        self._rows -= batch.num_rows
        return batch

    def _full(self) -> bool:
        return self._bytes >= _BYTES or (self._bound is not None and self._rows >= self._bound)

    def _read(self) -> None:
        try:
            for batch in self._batches:
                if not batch.num_rows:
                    self.empty = batch
                    continue
                with self._changed:
                    self._changed.wait_for(lambda: self._stopped or not self._full())
                    if self._stopped:
                        return
                    self._waiting.append((batch, time.monotonic()))
                    self._rows += batch.num_rows
                    self._bytes += batch.nbytes
                    self._changed.notify_all()
        except BaseException as error:  # it is raised where the rows are taken
            self._error = error
        finally:
            try:
                close = getattr(self._batches, "close", None)
                if close is not None:  # a generator is closed by the thread that runs it
                    close()
            finally:
                with self._changed:
                    self._ended = True
                    self._changed.notify_all()
