"""Many calls in flight, answers in the order of the rows, never more than a window held.

The caller's thread hands over parts (lists of requests) and takes their answers back; the loop's
thread keeps `concurrency` calls in flight. While one row is slow, others go on until `window` rows
or `max_bytes` of answers wait behind it. Where the answers of one part are too large to be held
together, it comes back in pieces.
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
_PIECE = 16 << 20
_PATIENCE = 1.0


class Part:
    """Some rows on their way; `ready` counts those, from the first on, that are answered."""

    def __init__(self, requests: Sequence[HTTPRequest | Failure]) -> None:
        self.requests = requests
        self.answers: list[Answer | None] = [
            Answer(failure=r) if isinstance(r, Failure) else None for r in requests
        ]
        self.sent = sum(len(r.body or b"") for r in requests if isinstance(r, HTTPRequest))
        self.ready = 0  # written by the loop's side, once the part is there
        self.given = 0  # what the loop's side knows to have been taken
        self.news = threading.Event()
        self.advance()

    @property
    def done(self) -> bool:
        """Whether every row is answered."""
        return self.ready == len(self.requests)

    def advance(self) -> None:
        """Count what is answered; wakes who waits for the whole part."""
        while self.ready < len(self.requests) and self.answers[self.ready] is not None:
            self.ready += 1
        if self.done:
            self.news.set()

    def wait(self, at: int, loop: asyncio.AbstractEventLoop) -> None:
        """Wait until the part is done, or what is answered from a row on is to be taken."""
        while not self.done:
            if self.news.wait(_PATIENCE):
                self.news.clear()
                if self.ready > at:
                    return
            elif not loop.is_running():  # the process is ending
                raise RuntimeError("the HTTP loop was stopped")

    def take(self, at: int) -> list[Answer]:
        """Take answers from a row on, not too many bytes of them; the part forgets them."""
        found: list[Answer] = []
        size = 0
        for row in range(at, self.ready):
            answer = self.answers[row]
            assert answer is not None
            size += _size(answer)
            if found and size > _PIECE:
                break
            found.append(answer)
            self.answers[row] = None
        return found


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
        self.stopped = False

    def add(self, part: Part) -> None:
        self.parts.append(part)
        self.waiting.extend(
            (part, row) for row, r in enumerate(part.requests) if isinstance(r, HTTPRequest)
        )
        self.fill()

    def taken(self, part: Part, rows: int, size: int) -> None:
        part.given += rows
        if part.given == len(part.requests):
            self.parts.remove(part)
        self.bytes -= size
        self.fill()
        self.relieve()

    def fill(self) -> None:
        loop = asyncio.get_running_loop()
        while self.waiting and len(self.tasks) < self.concurrency and self.bytes <= self.max_bytes:
            task = loop.create_task(self.run(*self.waiting.popleft()))
            self.tasks.add(task)
            task.add_done_callback(self.landed)

    def relieve(self) -> None:
        """Too much is held: what is answered of the first part is to be taken before the rest."""
        # Rows begin in order, so some of it is answered or under way, whenever anything is held.
        if self.bytes > self.max_bytes and self.parts[0].ready > self.parts[0].given:
            self.parts[0].news.set()

    async def run(self, part: Part, row: int) -> None:
        request = part.requests[row]
        assert isinstance(request, HTTPRequest)
        try:
            answer = await self.call(request)
        except BaseException as error:  # a row without an answer would be waited for without end
            if self.stopped:
                raise
            answer = Answer(failure=Failure("internal", type(error).__name__))
        part.answers[row] = answer
        self.bytes += _size(answer)
        part.advance()
        self.relieve()

    def landed(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not self.stopped:
            self.fill()

    def stop(self) -> None:
        self.stopped = True
        self.waiting.clear()
        for task in self.tasks:
            task.cancel()


def _size(answer: Answer) -> int:
    return 0 if answer.response is None else len(answer.response.body)


def in_order(
    parts: Iterable[tuple[T, Sequence[HTTPRequest | Failure]]],
    call: Callable[[HTTPRequest], Awaitable[Answer]],
    *,
    concurrency: int,
    window: int,
    max_bytes: int = _MAX_BYTES,
) -> Iterator[tuple[T, list[Answer]]]:
    """Call for every request; yields each part's label and answers, in order.

    A part of large answers comes in several pieces, each with the label: at most 16 MiB together, or
    one row.

    Parameters
    ----------
    parts : iterable of (label, requests)
        Read only as far as the window allows. A request that is a Failure already is passed on.
    call : async callable
        What it raises becomes the row's failure, of kind "internal".
    concurrency : int
        Most calls in flight.
    window : int, rows
        Rows handed over and not yet taken back, before another part is read.
    max_bytes : int
        Bytes of answers held, beyond which no further row begins; and bytes of requests held, beyond
        which no further part is read.
    """
    loop = background_loop()
    flight = _Flight(call, concurrency, max_bytes)
    held: deque[tuple[T, Part]] = deque()
    rows = sent = at = 0
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
            label, part = held[0]
            part.wait(at, loop)
            answers = part.take(at)
            at += len(answers)
            rows -= len(answers)
            if at == len(part.requests):
                held.popleft()
                sent -= part.sent
                at = 0
            loop.call_soon_threadsafe(flight.taken, part, len(answers), sum(map(_size, answers)))
            yield label, answers
    finally:
        if loop.is_running():
            loop.call_soon_threadsafe(flight.stop)
