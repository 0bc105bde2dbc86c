"""The rules of sending again, to the number: no server, no time, no chance."""

import asyncio
import datetime as dt
import random

import pytest
from calling import settings

from irbis.http import retry
from irbis.http.request import HTTPRequest
from irbis.http.response import HTTPResponse
from irbis.http.retry import Attempt

GET, POST = HTTPRequest("GET", "http://a"), HTTPRequest("POST", "http://a")
OK = Attempt(HTTPResponse(200, "", (), b""))


def status(code, body=b"", **headers):
    named = tuple((n.replace("_", "-"), v) for n, v in headers.items())
    return Attempt(HTTPResponse(code, "", named, body))


@pytest.fixture
def sent(monkeypatch):
    """Runs attempts; gives the last, how many were counted, and the waits, each the longest it can be."""
    waits = []

    async def pause(seconds):
        waits.append(round(seconds, 6))

    def run(first, *more, request=GET, left=1e9, lucky=False, **changes):
        waits.clear()
        monkeypatch.setattr(random, "uniform", lambda low, high: low if lucky else high)
        monkeypatch.setattr(retry, "pause", pause)
        left_over = iter(more)

        async def again():
            return next(left_over)

        chosen = settings(**{"backoff": 0.1, **changes})
        last, count = asyncio.run(retry.retry(first, again, request, chosen, lambda: left))
        return last, count, list(waits)

    return run


def test_waits_double_up_to_the_longest(sent):
    busy = [status(503)] * 6
    found = sent(*busy, OK, max_attempts=9, max_wait=1.0)
    assert found == (OK, 7, [0.1, 0.2, 0.4, 0.8, 1.0, 1.0])
    assert sent(*busy, OK, max_attempts=3) == (busy[0], 3, [0.1, 0.2])


def test_retry_after_is_jittered_upwards_by_a_tenth(sent):
    asked = status(503, retry_after="5")
    assert sent(asked, OK) == (OK, 2, [5.5])
    assert sent(asked, OK, lucky=True) == (OK, 2, [5.0])
    assert sent(asked, OK, max_wait=2.0, lucky=True) == (OK, 2, [2.0])


def test_a_wait_that_ends_with_the_deadline_is_not_begun(sent):
    asked = status(503, retry_after="5")
    assert sent(asked, OK, lucky=True, left=5.0) == (asked, 1, [])
    assert sent(asked, OK, lucky=True, left=5.1) == (OK, 2, [5.0])


def test_no_time_for_another_attempt_ends_it(sent):
    assert sent(status(503), None, OK) == (status(503), 1, [0.1])


@pytest.mark.parametrize(("attempts", "count"), [(1, 1), (2, 2)])
def test_attempts_are_counted_from_the_first(sent, attempts, count):
    assert sent(status(500), status(502), OK, max_attempts=attempts)[1] == count


@pytest.mark.parametrize("code", range(423, 432))
def test_a_post_goes_again_after_425_and_429_alone(sent, code):
    everything = frozenset(range(400, 600))
    found = sent(status(code), OK, request=POST, retry_statuses=everything)
    assert found[1] == (2 if code in (425, 429) else 1)
    assert sent(status(code), OK, retry_statuses=everything)[1] == 2
    assert sent(status(code), OK, retry_statuses=frozenset())[1] == 1


@pytest.mark.parametrize(
    ("kind", "passes"),
    [
        *[(kind, True) for kind in ("connect", "timeout", "disconnected", "protocol")],
        *[(kind, False) for kind in ("url", "deadline", "")],
    ],
)
def test_failures_that_pass(sent, kind, passes):
    keyed = HTTPRequest("POST", "http://a", (("Idempotency-Key", "7"),))
    lost, unsent = Attempt(kind=kind), Attempt(kind=kind, unsent=True)
    assert sent(lost, OK)[1] == (2 if passes else 1)
    assert sent(lost, OK, request=POST)[1] == 1
    assert sent(lost, OK, request=keyed)[1] == (2 if passes else 1)
    assert sent(unsent, OK, request=POST)[1] == (2 if passes else 1)


def test_a_quota_that_is_used_up_is_final_for_429_alone(sent):
    for code, count in ((428, 2), (429, 1), (430, 2), (503, 2)):
        gone = status(code, b'{"code":"insufficient_quota"}')
        assert sent(gone, OK, retry_statuses=frozenset({428, 429, 430, 503}))[1] == count
    assert sent(status(429, b"slow down"), OK)[1] == 2


def test_an_attempt_says_nothing_unless_told():
    assert Attempt() == Attempt(response=None, kind="", message="", unsent=False)


def test_retry_after_as_numbers_and_dates():
    at = dt.datetime(2015, 10, 21, 7, 28, 0, tzinfo=dt.UTC)
    seconds = dt.timedelta(seconds=1)
    for said in ("Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 09:28:00 +0200"):
        assert retry.retry_after(said, at - 30 * seconds) == 30.0
        assert retry.retry_after(said, at - 0.5 * seconds) == 0.5
        assert retry.retry_after(said, at) is None
        assert retry.retry_after(said, at + 0.5 * seconds) is None
    # Without a zone it is UTC (RFC 5322 writes that -0000).
    assert retry.retry_after("Wed, 21 Oct 2015 07:28:00 -0000", at - seconds) == 1.0
    for said in (None, "", "٣", "abc", "1.5"):
        assert retry.retry_after(said, at) is None
    assert retry.retry_after(" 3 ") == 3.0
