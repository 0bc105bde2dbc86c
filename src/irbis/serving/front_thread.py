"""A front in a thread of its own: for a process that does something else besides."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from threading import Event, Thread
from typing import Any, TypeVar

from irbis.serving.front import Front, new_event_loop

__all__ = ["FrontThread"]

T = TypeVar("T")


class FrontThread:
    """Runs a front until it is stopped.

    Parameters
    ----------
    make : callable
        Makes the front; called in the thread, where the event loop runs.
    shared : bool, default False
        See :meth:`irbis.serving.server.Server.start`.
    """

    def __init__(self, make: Callable[[], Front], *, shared: bool = False) -> None:
        self.make, self.shared = make, shared
        self.front: Front | None = None
        self.loop = new_event_loop()
        self.error: BaseException | None = None
        self.started, self.ended = Event(), Event()
        self.stopping: asyncio.Event | None = None
        self.thread = Thread(target=self._run, name="irbis-front", daemon=True)

    def start(self, timeout: float = 120.0) -> str:
        """Start; returns the address when the front is ready, or raises what it raised."""
        self.thread.start()
        self.started.wait(timeout)
        if self.error is not None:
            raise self.error
        if self.front is None or not self.started.is_set():
            raise TimeoutError("the front did not get ready in time")
        return self.front.address

    def _run(self) -> None:
        try:
            self.loop.run_until_complete(self._serve())
        except BaseException as error:
            self.error = error
        finally:
            self.started.set()
            self.ended.set()
            self.loop.close()

    async def _serve(self) -> None:
        self.stopping = asyncio.Event()
        front = self.make()
        try:
            await front.start(shared=self.shared)
        except BaseException:
            await front.server.stop()
            raise
        self.front = front
        self.started.set()
        await self.stopping.wait()
        await front.drain()

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the front's event loop; returns its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)

    def request_stop(self) -> None:
        """Begin to drain; returns at once, and may be called twice."""
        if self.stopping is not None and not self.ended.is_set():
            try:
                self.loop.call_soon_threadsafe(self.stopping.set)
            except RuntimeError:  # closed in the meantime
                return

    def stop(self, timeout: float = 60.0) -> None:
        """Drain and end."""
        self.request_stop()
        self.ended.wait(timeout)
