"""Sending rows to a push endpoint: full requests, within the limits, again after a 429."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace

from irbis.errors import EngineError
from irbis.http.call import call
from irbis.http.engine import prepare
from irbis.http.loop import background_loop
from irbis.http.request import HTTPRequest, check_url
from irbis.http.retry import Attempt, retry
from irbis.http.secrets import origin
from irbis.http.settings import Settings
from irbis.monitor.push_limits import Allowance, Limits

__all__ = ["Refused", "Sender", "batch_field", "in_parts", "send_all"]

#: Statuses that blame the rows: they are halved until the bad ones are alone.
_BAD_ROWS = (400, 413, 422)
#: After so many refusals and not one row taken it is the table that does not fit.
_HOPELESS = 64
_BYTES = 8 << 20  # of a request: rows of 75 long strings would come to gigabytes
_ALLOWANCES: dict[tuple[str, Limits], Allowance] = {}


@dataclass(frozen=True)
class Refused:
    """A row that will not be in the table, and why."""

    json: str
    reason: str
    status: int | None = None


def in_parts(rows: Iterable[str], limits: Limits) -> Iterator[list[str]]:
    """Cut rows into requests as large as they may be.

    Examples
    --------
    >>> [len(part) for part in in_parts(["{}"] * 5, Limits(rows=2))]
    [2, 2, 1]
    """
    part: list[str] = []
    size = 0
    for row in rows:
        if part and (len(part) == limits.rows or size + len(row) > _BYTES):
            yield part
            part, size = [], 0
        part.append(row)
        size += len(row)
    if part:
        yield part


class Sender:
    """Sends parts to one address.

    Parameters
    ----------
    url : str
        A push URL with its key, or ``.../datasets/ID/tables/NAME/rows``.
    token : str or None
        Bearer token.
    limits : Limits
    deadline : float, seconds
        For one request, with all attempts and waits.
    """

    def __init__(self, url: str, token: str | None, limits: Limits, deadline: float) -> None:
        check_url(url)
        self.url, self.limits = url, limits
        # What a process sends to an address it sends under one allowance, however many writers.
        self.allowance = _ALLOWANCES.setdefault((url, limits), Allowance(limits))
        self.pending = asyncio.Semaphore(limits.pending)
        self.taken = self.refusals = 0
        headers = (("Authorization", f"Bearer {token}"),) if token else ()
        self.once = Settings(max_attempts=1, deadline=60.0, headers=headers)
        self.again = replace(
            Settings(),
            max_attempts=10_000,
            deadline=deadline,
            backoff=0.5,
            max_wait=deadline,
            retry_methods=frozenset({"POST"}),
            retry_statuses=frozenset({408, 425, 429, *range(500, 600)}),
        )
        prepare(self.once)

    async def deliver(self, rows: list[str], name: str) -> list[Refused]:
        """Send rows; returns those that were refused.

        Raises
        ------
        EngineError
            If the endpoint can't be reached, or refuses everything.
        """
        found = await self._post(rows, name)
        if found.response is not None and found.response.ok:
            self.taken += len(rows)
            return []
        if found.response is None:
            raise EngineError(
                f"{origin(self.url)}: {found.kind}: {found.message}", expected="rows to be taken"
            )
        status, said = found.response.status, found.response.body[:200].decode(errors="replace")
        if status not in _BAD_ROWS:
            raise EngineError(
                f"{status} of {origin(self.url)}",
                expected="200",
                do="check the address, the key or token, and that table and columns are there",
            )
        self.refusals += 1
        if len(rows) == 1 or (self.refusals > _HOPELESS and self.taken == 0):
            return [Refused(row, said, status) for row in rows]
        middle = len(rows) // 2
        left = await self.deliver(rows[:middle], f"{name}.0")
        return left + await self.deliver(rows[middle:], f"{name}.1")

    async def _post(self, rows: list[str], name: str) -> Attempt:
        body = "[" + ",".join(rows) + "]"
        if "/tables/" in self.url:
            body = f'{{"rows":{body}}}'
        request = HTTPRequest.make(
            "POST",
            self.url,
            headers={"Content-Type": "application/json", "X-Irbis-Batch": name},
            body=body,
        )
        clock = asyncio.get_running_loop().time
        end = clock() + self.again.deadline

        async def attempt() -> Attempt:
            sent = await self.allowance.turn(len(rows))
            try:
                answer = await call(request, self.once)
            finally:
                self.allowance.done(sent, clock())
            failure = answer.failure
            if answer.response is not None or failure is None:
                return Attempt(answer.response)
            return Attempt(kind=failure.kind, message=failure.message)

        async with self.pending:
            first = await attempt()
            return (await retry(first, attempt, request, self.again, lambda: end - clock()))[0]


def send_all(sender: Sender, parts: Iterable[list[str]], name: str) -> Iterator[Refused]:
    """Send parts, some at a time; yields the rows that were refused."""
    flying: deque[Future[list[Refused]]] = deque()
    loop = background_loop()
    try:
        for at, part in enumerate(parts):
            while len(flying) >= sender.limits.pending:
                yield from flying.popleft().result()
            task = sender.deliver(part, f"{name}/{at}")
            flying.append(asyncio.run_coroutine_threadsafe(task, loop))
        while flying:
            yield from flying.popleft().result()
    finally:
        for left in flying:
            left.cancel()


def batch_field(column: str, name: str) -> str:
    """Field of the batch's name, as JSON.

    Examples
    --------
    >>> batch_field("batch", "irbis/7")
    '"batch":"irbis/7"'
    """
    return f"{json.dumps(column, ensure_ascii=False)}:{json.dumps(name, ensure_ascii=False)}"
