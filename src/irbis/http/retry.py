"""When a request is sent again, and after how long.

Again: idempotent methods (RFC 9110, 9.2.2), requests with an Idempotency-Key and the methods that
``retryMethods`` adds; and whatever the method, a request that was certainly not acted on: no
connection came about, or the server refused it with 425 or 429. Waits double, with full jitter;
Retry-After comes first.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from irbis.extras import require
from irbis.http.request import HTTPRequest
from irbis.http.response import HTTPResponse
from irbis.http.settings import Settings

require("tenacity", extra="http")  # where it is missing, this says so; stages import this module

from tenacity import (  # noqa: E402
    AsyncRetrying,
    RetryCallState,
    retry_if_result,
    stop_after_attempt,
)
from tenacity import wait_random_exponential as full_jitter  # noqa: E402

__all__ = ["Attempt", "retry", "retry_after"]

pause = asyncio.sleep
_REFUSED = (425, 429)
_JITTER = 0.1  # of what Retry-After says, so that rows told the same do not come back as one


@dataclass(frozen=True)
class Attempt:
    """How one attempt ended: with a response, or with the kind and message of a failure."""

    response: HTTPResponse | None = None
    kind: str = ""
    message: str = ""
    unsent: bool = False


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3); None if it is none.

    Examples
    --------
    >>> retry_after("3"), retry_after("-1"), retry_after("soon")
    (3.0, None, None)
    >>> retry_after("Wed, 21 Oct 2015 07:28:00 GMT", datetime(2015, 10, 21, 7, 27, 30, tzinfo=UTC))
    30.0
    """
    if not value:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    seconds = (at - (now or datetime.now(UTC))).total_seconds()
    return seconds if seconds > 0 else None


def _again(attempt: Attempt, request: HTTPRequest, settings: Settings) -> bool:
    answer = attempt.response
    repeatable = (
        request.method in settings.retry_methods or request.header("idempotency-key") is not None
    )
    if answer is None:
        passing = ("connect", "timeout", "disconnected", "protocol")
        return attempt.kind in passing and (repeatable or attempt.unsent)
    if answer.status not in settings.retry_statuses or not (
        repeatable or answer.status in _REFUSED
    ):
        return False
    # A quota that is used up does not come back by waiting.
    hopeless = (text.encode() in answer.body for text in settings.hopeless)
    return not (answer.status == 429 and any(hopeless))


async def retry(
    first: Attempt,
    attempt: Callable[[], Awaitable[Attempt | None]],
    request: HTTPRequest,
    settings: Settings,
    left: Callable[[], float],
) -> tuple[Attempt, int]:
    """Send again while that is allowed and makes sense.

    Parameters
    ----------
    first : Attempt
        How the first attempt ended: most rows never come further.
    attempt : callable
        Sends once more; None if there is no time for that.
    left : callable
        Seconds left until the row's deadline.

    Returns
    -------
    Attempt, int
        The last one, and how many there were.
    """
    if settings.max_attempts == 1 or not _again(first, request, settings):
        return first, 1
    exponential = full_jitter(multiplier=settings.backoff, max=settings.max_wait)

    def wait(state: RetryCallState) -> float:
        answer = _result(state).response
        asked = None if answer is None else retry_after(answer.header("retry-after"))
        if asked is None:
            return exponential(state)
        return min(asked, settings.max_wait) * (1 + random.uniform(0, _JITTER))  # noqa: S311

    counted = stop_after_attempt(settings.max_attempts)
    last, sent, over = first, 0, False

    async def next_attempt() -> Attempt:
        nonlocal last, sent, over
        if sent == 0:
            sent = 1
        elif (found := await attempt()) is None:
            over = True
        else:
            last, sent = found, sent + 1
        return last

    retrying = AsyncRetrying(
        wait=wait,
        # A wait beyond the deadline is not begun: the row's answer is there already.
        stop=lambda state: counted(state) or state.upcoming_sleep >= left(),
        retry=retry_if_result(lambda found: not over and _again(found, request, settings)),
        retry_error_callback=_result,
        sleep=pause,
    )
    return await retrying(next_attempt), sent


def _result(state: RetryCallState) -> Attempt:
    assert state.outcome is not None
    found: Attempt = state.outcome.result()
    return found
