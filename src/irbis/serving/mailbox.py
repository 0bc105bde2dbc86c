"""Requests that wait for micro-batches: the routing table of a front.

Each request has an offset. Spark takes ranges of offsets, as often as it likes (a task that failed is
run again): what was answered in the meantime is not in them any more. A request is here until it is
answered, by a reply, as filtered, or by its deadline; so memory is bounded by the queue.
"""

from __future__ import annotations

import asyncio
import contextlib
from time import monotonic, time_ns
from typing import Any
from uuid import uuid4

from irbis.serving.batcher import Cancel, Respond, log
from irbis.serving.message import Reply, Request, problem
from irbis.serving.settings import FrontSettings

__all__ = ["Mailbox"]


class _Waiting:
    __slots__ = ("arrived", "deaths", "request", "respond", "run")

    def __init__(self, request: Request, respond: Respond) -> None:
        self.request, self.respond, self.arrived = request, respond, monotonic()
        #: Run of the query that took it last; 0: none.
        self.run = 0
        #: How often the query died of it alone.
        self.deaths = 0


class Mailbox:
    """Takes the place of a :class:`irbis.serving.batcher.Batcher` in a front.

    Parameters
    ----------
    settings : FrontSettings
    """

    def __init__(self, settings: FrontSettings) -> None:
        self.settings = settings
        self.loop = asyncio.get_running_loop()
        self.items: dict[int, _Waiting] = {}
        # Offsets of a later front are larger: an old checkpoint can't be ahead of it.
        self.next = time_ns() // 1000
        self.run = 1
        self.arrival = asyncio.Event()
        self.timer: asyncio.Handle | None = None
        self.stuck = False

    @property
    def waiting(self) -> dict[int, _Waiting]:
        """Requests that are not answered."""
        return self.items

    @property
    def in_flight(self) -> int:
        """Their number."""
        return len(self.items)

    @property
    def idle(self) -> bool:
        """Whether there are none."""
        return not self.items

    def submit(self, value: Any, request: Request, respond: Respond) -> Cancel | None:
        """Keep a request until it is answered."""
        del value  # read again from the request, where the query runs
        if len(self.items) >= self.settings.max_queue:
            respond(problem(503, "the queue is full", retry_after=self.settings.retry_after))
            return None
        offset = self._put(_Waiting(request, respond))
        if self.timer is None:
            self._set_timer()
        return lambda: self._forget(request, offset)

    def _put(self, item: _Waiting) -> int:
        offset = self.next
        self.next += 1
        self.items[offset] = item
        self.arrival.set()
        return offset

    def _forget(self, request: Request, offset: int) -> None:
        # It may have been given a new offset since.
        for known in [offset, *self.items]:
            if known in self.items and self.items[known].request is request:
                del self.items[known]
                return

    # -- Spark's side -----------------------------------------------------------------------------

    async def latest(self, known: int, seconds: float) -> int:
        """The next offset; waits a while if it is what is known already."""
        if known == self.next:
            self.arrival.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.arrival.wait(), seconds)
        return self.next

    def take(self, start: int, end: int) -> list[tuple[int, Request]]:
        """Requests of a range that are not answered.

        The first time all of them. After the query died of them, half: the others get new offsets.
        So the one that kills it is alone in the end. If it does so twice it gets a 500, and no other.
        """
        found = [(o, i) for o, i in self.items.items() if start <= o < end]
        again = [(o, i) for o, i in found if 0 < i.run < self.run]
        if again:
            if len(again) == 1:
                offset, item = again[0]
                item.deaths += 1
                if item.deaths > 1:  # once may have been a worker that was killed
                    del self.items[offset]
                    item.respond(_died())
                    found = [(o, i) for o, i in found if o != offset]
            else:
                for offset, item in found[len(again) // 2 :]:
                    del self.items[offset]
                    item.run = 0
                    self._put(item)
                found = found[: len(again) // 2]
        for _, item in found:
            item.run = self.run
        return [(offset, item.request) for offset, item in found]

    def reply(self, offset: int, reply: Reply) -> None:
        """Answer a request; a second reply to it is ignored."""
        item = self.items.pop(offset, None)
        if item is not None:
            item.respond(reply)

    def batch_done(self) -> None:
        """A batch ended well: what was taken for it and got no reply was filtered."""
        taken = [offset for offset, item in self.items.items() if item.run == self.run]
        status = self.settings.filtered_status
        for offset in taken:
            empty = Reply(204, type="")
            said = problem(status, "the query has no answer to this request")
            self.reply(offset, empty if status == 204 else said)

    # -- deadlines --------------------------------------------------------------------------------

    def _set_timer(self) -> None:
        self.timer = None
        if self.items:
            oldest = min(item.arrived for item in self.items.values())
            at = oldest + self.settings.request_deadline - monotonic()
            self.timer = self.loop.call_later(max(at, 0.001), self._expire)

    def _expire(self) -> None:
        late = monotonic() - self.settings.request_deadline
        said = "the deadline passed"
        for offset in [o for o, item in self.items.items() if item.arrived <= late]:
            self.reply(offset, problem(503, said, retry_after=self.settings.retry_after))
        self._set_timer()

    def close(self) -> None:
        """Answer what is left with 503."""
        for offset in list(self.items):
            self.reply(offset, problem(503, "stopping", retry_after=self.settings.retry_after))
        if self.timer is not None:
            self.timer.cancel()


def _died() -> Reply:
    id_ = uuid4().hex
    log.error("a request with which the query fails, alone too; error id %s", id_)
    return problem(500, "the request could not be processed", error_id=id_)
