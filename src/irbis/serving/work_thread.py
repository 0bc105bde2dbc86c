"""One thread that does what it is given, in order. It never keeps the process from ending."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread

__all__ = ["WorkThread"]


class WorkThread:
    """A daemon thread, which concurrent.futures does not have: a stage that hangs must not hang exit.

    Examples
    --------
    >>> from threading import Event
    >>> done = Event()
    >>> thread = WorkThread("example")
    >>> thread.do(done.set)
    >>> done.wait(5)
    True
    >>> thread.end()
    """

    def __init__(self, name: str) -> None:
        self.queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        Thread(target=self._run, name=name, daemon=True).start()

    def _run(self) -> None:
        while (work := self.queue.get()) is not None:
            work()

    def do(self, work: Callable[[], None]) -> None:
        """Do it when what came before is done."""
        self.queue.put(work)

    def end(self) -> None:
        """End the thread when it is free."""
        self.queue.put(None)
