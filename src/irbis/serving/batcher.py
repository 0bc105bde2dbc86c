"""Requests that wait become a batch: whatever is there when the function is free, at once.

Everything but the function itself runs in the event loop's thread. A function that takes well under
a millisecond runs there too: a change of threads would cost more than it. A slower one runs in a
thread of its own, and the loop goes on taking requests, which make the next batch.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, TypeAlias
from uuid import uuid4

from irbis.serving.message import Reply, Request, problem
from irbis.serving.metrics import Metrics
from irbis.serving.settings import FrontSettings
from irbis.serving.work_thread import WorkThread

__all__ = ["Batcher", "Cancel", "Respond", "Serve"]

Respond: TypeAlias = Callable[[Reply], None]
Cancel: TypeAlias = Callable[[], None]
#: Values and their requests, to a reply for each.
Serve: TypeAlias = Callable[[Sequence[Any], Sequence[Request]], Sequence[Reply]]

log = logging.getLogger("irbis.serving")
# Seconds a batch may take in the loop's own thread.
_INLINE = 0.001


class _Item:
    __slots__ = ("arrived", "done", "request", "respond", "value")

    def __init__(self, value: Any, request: Request, respond: Respond, arrived: float) -> None:
        self.value, self.request, self.respond, self.arrived = value, request, respond, arrived
        self.done = False

    def finish(self, reply: Reply) -> None:
        if not self.done:
            self.done = True
            self.respond(reply)

    def cancel(self) -> None:
        self.done = True


class Batcher:
    """A queue in front of a batch function.

    Parameters
    ----------
    serve : callable
        See :data:`Serve`. It may raise: then each row is tried alone, and the ones that fail alone
        get a 500 with an error id, under which the log has the exception.
    settings : FrontSettings
    metrics : Metrics
    """

    def __init__(self, serve: Serve, settings: FrontSettings, metrics: Metrics) -> None:
        self.serve, self.settings, self.metrics = serve, settings, metrics
        self.loop = asyncio.get_running_loop()
        self.waiting: deque[_Item] = deque()
        #: All that are not answered, oldest first; answered ones leave from the left.
        self.open: deque[_Item] = deque()
        self.in_flight = 0
        self.scheduled: asyncio.Handle | None = None
        self.running_since = 0.0
        self.seconds = 0.0 if settings.execution == "inline" else _INLINE
        self.thread: WorkThread | None = None
        self.timer: asyncio.Handle | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing runs."""
        return not self.in_flight

    @property
    def stuck(self) -> bool:
        """Whether one batch has been running for longer than two deadlines."""
        running = self.running_since
        return running > 0 and monotonic() - running > 2 * self.settings.request_deadline

    def submit(self, value: Any, request: Request, respond: Respond) -> Cancel | None:
        """Queue a request; `respond` is called once, here or later, unless it is cancelled."""
        if len(self.waiting) >= self.settings.max_queue:
            respond(problem(503, "the queue is full", retry_after=self.settings.retry_after))
            return None
        item = _Item(value, request, self._counted(respond), monotonic())
        self.in_flight += 1
        self.waiting.append(item)
        self.open.append(item)
        if self.timer is None:
            self._set_timer()
        if not self.running_since:
            self._schedule()

        def cancel() -> None:
            if not item.done:
                item.done = True
                self.in_flight -= 1

        return cancel

    def _counted(self, respond: Respond) -> Respond:
        def once(reply: Reply) -> None:
            self.in_flight -= 1
            respond(reply)

        return once

    def _schedule(self) -> None:
        if not self.waiting:
            return
        delay = self.settings.max_batch_delay
        if not delay or len(self.waiting) >= self.settings.max_batch_size:
            if isinstance(self.scheduled, asyncio.TimerHandle):
                self.scheduled.cancel()
                self.scheduled = None
            if self.scheduled is None:
                # Not now: other sockets that are ready in this turn of the loop come along.
                self.scheduled = self.loop.call_soon(self._start)
        elif self.scheduled is None:
            wait = self.waiting[0].arrived + delay - monotonic()
            self.scheduled = self.loop.call_later(max(wait, 0.0), self._start)

    def _start(self) -> None:
        self.scheduled = None
        batch: list[_Item] = []
        while self.waiting and len(batch) < self.settings.max_batch_size:
            item = self.waiting.popleft()
            if not item.done:
                batch.append(item)
        if not batch:
            return
        self.metrics.batch_rows.observe(len(batch))
        if self.settings.execution != "thread" and self.seconds < _INLINE:
            self._deliver(batch, *self._run(batch))
            self._schedule()
            return
        self.running_since = monotonic()
        self.thread = self.thread or WorkThread("irbis-batches")

        def run() -> None:
            made = self._run(batch)
            with contextlib.suppress(RuntimeError):  # closed in the meantime: nobody waits
                self.loop.call_soon_threadsafe(self._came, batch, *made)

        self.thread.do(run)

    def _came(self, batch: list[_Item], replies: Sequence[Reply], seconds: float) -> None:
        self.running_since = 0.0
        self._deliver(batch, replies, seconds)
        self._schedule()

    def _deliver(self, batch: list[_Item], replies: Sequence[Reply], seconds: float) -> None:
        self.metrics.batch_seconds.observe(seconds)
        if self.settings.execution == "auto":
            self.seconds = 0.8 * self.seconds + 0.2 * seconds
        for item, reply in zip(batch, replies, strict=True):
            item.finish(reply)
        while self.open and self.open[0].done:
            self.open.popleft()

    def _run(self, batch: list[_Item]) -> tuple[Sequence[Reply], float]:
        began = monotonic()
        values, requests = [i.value for i in batch], [i.request for i in batch]
        try:
            replies = self.serve(values, requests)
            if len(replies) != len(batch):
                raise RuntimeError(f"{len(replies)} replies to {len(batch)} requests")
        except Exception as error:  # of any stage: one row's failure must not be another's
            if len(batch) == 1:
                replies = [failed(error)]
            else:
                replies = [self._run([item])[0][0] for item in batch]
        return replies, monotonic() - began

    # -- deadlines --------------------------------------------------------------------------------

    def _set_timer(self) -> None:
        while self.open and self.open[0].done:
            self.open.popleft()
        self.timer = None
        if self.open:
            at = self.open[0].arrived + self.settings.request_deadline - monotonic()
            self.timer = self.loop.call_later(max(at, 0.001), self._expire)

    def _expire(self) -> None:
        late = monotonic() - self.settings.request_deadline
        while self.open and (self.open[0].done or self.open[0].arrived <= late):
            reply = problem(503, "the deadline passed", retry_after=self.settings.retry_after)
            self.open.popleft().finish(reply)
        while self.waiting and self.waiting[0].done:
            self.waiting.popleft()
        self._set_timer()

    def close(self) -> None:
        """Answer what is left with 503, and end the thread when it is free."""
        for item in list(self.open):
            item.finish(problem(503, "stopping", retry_after=self.settings.retry_after))
        for handle in (self.timer, self.scheduled):
            if handle is not None:
                handle.cancel()
        if self.thread is not None:
            self.thread.end()


def failed(error: Exception) -> Reply:
    """Log what a stage raised under a new id; the reply has nothing but the id."""
    id_ = uuid4().hex
    log.error("request failed, error id %s", id_, exc_info=error)
    return problem(500, "the request could not be processed", error_id=id_)
