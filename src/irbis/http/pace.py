"""A limit on requests per second to each host: evenly spaced, never a burst.

The limit is the whole query's. A task takes its share of it, the limit over the number of tasks that
can run at once; in a process that is no Spark task, all of it. Leaky buckets of kept libraries let a
full bucket through at once, which over many tasks breaks the limit in the first second.
"""

from __future__ import annotations

import asyncio
import sys
import time
from urllib.parse import urlsplit

from irbis.http.settings import Settings

__all__ = ["Pace", "pace_of"]


class Pace:
    """Hands out turns, `every` seconds apart.

    Examples
    --------
    >>> pace = Pace(0.5)
    >>> [pace.next(now=10.0), pace.next(now=10.0), pace.next(now=20.0)]
    [0.0, 0.5, 0.0]
    """

    def __init__(self, every: float) -> None:
        self.every, self.free = every, 0.0

    def wait(self, now: float) -> float:
        """Seconds until the next turn comes, which is not taken."""
        return max(0.0, self.free - now)

    def next(self, now: float) -> float:
        """Take the next turn; returns the seconds until it comes."""
        at = max(now, self.free)
        self.free = at + self.every
        return at - now

    async def turn(self) -> None:
        """Wait for the next turn."""
        wait = self.next(asyncio.get_running_loop().time())
        if wait > 0:
            await asyncio.sleep(wait)


_paces: dict[tuple[str, float], Pace] = {}
_MANY = 4096


def pace_of(url: str, settings: Settings) -> Pace | None:
    """Pace of an address's host in this process, or None without a limit."""
    if settings.rate is None:
        return None
    every = (settings.slots if _in_a_task() else 1) / settings.rate
    key = (urlsplit(url).netloc.rpartition("@")[2], every)
    if len(_paces) > _MANY:  # a crawl: hosts whose turn is past need no memory
        now = time.monotonic()
        for known in [k for k, pace in _paces.items() if pace.free < now]:
            del _paces[known]
    return _paces.setdefault(key, Pace(every))


def _in_a_task() -> bool:
    # Without an import: this module also runs where there is no pyspark.
    context = getattr(sys.modules.get("pyspark.taskcontext"), "TaskContext", None)
    return context is not None and context.get() is not None
