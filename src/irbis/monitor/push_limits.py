"""The limits of Power BI's push API, and an allowance that keeps within them.

https://learn.microsoft.com/power-bi/developer/embedded/push-datasets-limitations, per semantic model.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from dataclasses import dataclass

__all__ = ["LIMITS", "Allowance", "Limits"]


@dataclass(frozen=True)
class Limits:
    """What the service allows.

    Parameters
    ----------
    rows : int, default 10,000
        Of one request.
    requests_per_minute : int, default 120
    rows_per_hour : int, default 1,000,000
    pending : int, default 5
        Requests in flight.
    columns : int, default 75
    characters : int, default 4,000
        Of a string, in UTF-16 code units, as .NET counts them.
    minute, hour : float, seconds, default 60 and 3600
        Shorter against a stand-in whose clock runs faster.

    Notes
    -----
    A table of 250,000 rows or more takes 120 requests an hour. Nobody but the service knows how many
    rows a table has: it then answers 429, and the writer waits as long as it is told. Set
    ``minute=3600`` for such a table from the start.
    """

    rows: int = 10_000
    requests_per_minute: int = 120
    rows_per_hour: int = 1_000_000
    pending: int = 5
    columns: int = 75
    characters: int = 4_000
    minute: float = 60.0
    hour: float = 3600.0


LIMITS = Limits()


@dataclass
class _Sent:
    rows: int
    end: float = math.inf  # when the answer came; the service saw it at some time before


class Allowance:
    """Says when the next request may go.

    A request counts until a minute, or an hour, after its answer came: whenever the service saw it,
    and whether its windows slide or not, it never sees too many.

    Examples
    --------
    >>> allowance = Allowance(Limits(requests_per_minute=1))
    >>> first = allowance.take(10)
    >>> allowance.done(first, now=100.0)
    >>> allowance.wait(10, now=130.0)
    30.0
    """

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.limits = limits
        self.sent: deque[_Sent] = deque()
        self.requests = 0

    def wait(self, rows: int, now: float) -> float:
        """Seconds until a request of so many rows may go; inf while that depends on an answer."""
        limits = self.limits
        while self.sent and self.sent[0].end + max(limits.minute, limits.hour) <= now:
            self.sent.popleft()
        recent = sorted(s.end + limits.minute for s in self.sent if s.end + limits.minute > now)
        over = len(recent) - limits.requests_per_minute
        wait = recent[over] - now if over >= 0 else 0.0
        counted = sorted(
            (s.end + limits.hour, s.rows) for s in self.sent if s.end + limits.hour > now
        )
        free = limits.rows_per_hour - sum(n for _, n in counted)
        for end, count in counted:
            if free >= rows:
                break
            free, wait = free + count, max(wait, end - now)
        return wait

    def take(self, rows: int) -> _Sent:
        """Count a request that goes now."""
        self.sent.append(_Sent(rows))
        self.requests += 1
        return self.sent[-1]

    def done(self, sent: _Sent, now: float) -> None:
        """Note that its answer came."""
        sent.end = now

    async def turn(self, rows: int) -> _Sent:
        """Wait until a request may go, and count it."""
        clock = asyncio.get_running_loop().time
        while (wait := self.wait(rows, clock())) > 0:  # noqa: ASYNC110 - time passes, nobody tells
            await asyncio.sleep(min(wait, 0.05 * self.limits.minute))
        return self.take(rows)
