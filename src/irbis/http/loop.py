"""One asyncio loop in one background thread, for each process that makes calls.

A child of fork gets a loop of its own when it first asks: the parent's thread does not exist there.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress

__all__ = ["at_close", "background_loop"]

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_closers: list[Callable[[], Awaitable[None]]] = []


def background_loop() -> asyncio.AbstractEventLoop:
    """Return this process's loop; starts it at the first call."""
    global _loop  # noqa: PLW0603
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="irbis-http", daemon=True).start()
    return _loop


def at_close(closer: Callable[[], Awaitable[None]]) -> None:
    """Have something awaited on the loop before the process ends."""
    _closers.append(closer)


def _close() -> None:
    global _loop
    with _lock:
        loop, _loop = _loop, None
    if loop is None or not loop.is_running():
        return

    async def close_all() -> None:
        for closer in _closers:
            with suppress(Exception):  # the process ends anyway
                await closer()

    with suppress(Exception):
        asyncio.run_coroutine_threadsafe(close_all(), loop).result(2)
    loop.call_soon_threadsafe(loop.stop)


def _forget() -> None:
    global _loop, _lock
    _loop, _lock = None, threading.Lock()
    _closers.clear()


atexit.register(_close)
os.register_at_fork(after_in_child=_forget)
