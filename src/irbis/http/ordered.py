"""Many calls in flight, answers in the order of the rows, never more than a window held.

The caller's thread hands over parts (lists of requests) and takes their answers back; the loop's
thread keeps `concurrency` calls in flight. While one row is slow, others go on until `window` rows
or `max_bytes` of answers wait behind it.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from irbis.http.call import Answer
from irbis.http.failure import Failure
from irbis.http.loop import background_loop
from irbis.http.request import HTTPRequest

__all__ = ["Part", "in_order"]

T = TypeVar("T")
_MAX_BYTES = 64 << 20
_PATIENCE = 1.0


class Part:
    """Some rows on their way; answers are complete when `done` is set."""

    def __init__(self, requests: Sequence[HTTPRequest | Failure]) -> None:
        self.requests = requests
        self.answers: list[Answer] = [
            Answer(failure=r) if isinstance(r, Failure) else Answer() for r in requests
        ]
        self.left = sum(isinstance(r, HTTPRequest) for r in requests)
        self.bytes = 0
        self.sent = sum(len(r.body or b"") for r in requests if isinstance(r, HTTPRequest))
        self.done = threading.Event()
        if not self.left:
            self.done.set()


class _Flight:
    """The loop's side: lives on its thread only."""

    def __init__(
        self, call: Callable[[HTTPRequest], Awaitable[Answer]], concurrency: int, max_bytes: int
    ) -> None:
        self.call, self.concurrency, self.max_bytes = call, concurrency, max_bytes
        self.waiting: deque[tuple[Part, int]] = deque()
        self.parts: deque[Part] = deque()
        self.tasks: set[asyncio.Task[None]] = set()
        self.bytes = 0

    def add(self, part: Part) -> None:
        self.parts.append(part)
        self.waiting.extend(
            (part, row) for row, r in enumerate(part.requests) if isinstance(r, HTTPRequest)
        )
        self.fill()

    def taken(self, part: Part) -> None:
        self.parts.remove(part)
        self.bytes -= part.bytes
        self.fill()

    def fill(self) -> None:
        loop = asyncio.get_running_loop()
        while self.waiting and len(self.tasks) < self.concurrency:
            part, row = self.waiting[0]
            # Rows of the first part always go on: it is what everything else waits for.
            if self.bytes > self.max_bytes and part is not self.parts[0]:
                return
            self.waiting.popleft()
            task = loop.create_task(self.run(part, row))
            self.tasks.add(task)
            task.add_done_callback(self.landed)

    async def run(self, part: Part, row: int) -> None:
        request = part.requests[row]
        assert isinstance(request, HTTPRequest)
        answer = await self.call(request)
        part.answers[row] = answer
        size = 0 if answer.response is None else len(answer.response.body)
        part.bytes += size
        self.bytes += size
        part.left -= 1
        if not part.left:
            part.done.set()

    def landed(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled():
            self.fill()

    def stop(self) -> None:
        self.waiting.clear()
        for task in self.tasks:
            task.cancel()


def in_order(
    parts: Iterable[tuple[T, Sequence[HTTPRequest | Failure]]],
    call: Callable[[HTTPRequest], Awaitable[Answer]],
    *,
    concurrency: int,
    window: int,
    max_bytes: int = _MAX_BYTES,
) -> Iterator[tuple[T, list[Answer]]]:
    """Call for every request; yields each part's label and answers, in order.

    Parameters
    ----------
    parts : iterable of (label, requests)
        Read only as far as the window allows. A request that is a Failure already is passed on.
    call : async callable
        Must not raise.
    concurrency : int
        Most calls in flight.
    window : int, rows
        Rows handed over and not yet taken back, before another part is read.
    max_bytes : int
        Bytes of answers held, beyond which only the first part goes on; and bytes of requests held,
        beyond which no further part is read.
    """
    loop = background_loop()
    flight = _Flight(call, concurrency, max_bytes)
    held: deque[tuple[T, Part]] = deque()
    rows = sent = 0
    source = iter(parts)
    more = True
    try:
        while True:
            while more and (not held or (rows < window and sent < max_bytes)):
                found = next(source, None)
                if found is None:
                    more = False
                    break
                part = Part(found[1])
                held.append((found[0], part))
                rows += len(part.requests)
                sent += part.sent
                loop.call_soon_threadsafe(flight.add, part)
            if not held:
                return
            label, part = held.popleft()
            while not part.done.wait(_PATIENCE):
                if not loop.is_running():  # the process is ending
                    raise RuntimeError("the HTTP loop was stopped")
            rows -= len(part.requests)
            sent -= part.sent
            loop.call_soon_threadsafe(flight.taken, part)
            yield label, part.answers
    finally:
        if loop.is_running():
            loop.call_soon_threadsafe(flight.stop)
