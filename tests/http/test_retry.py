"""SynapseML's cases of sending again (VerifySendWithRetries), and the rules of our own."""

import datetime as dt
import zlib
from email.utils import format_datetime

import pytest
from calling import answer, settings
from hypothesis import given
from hypothesis import strategies as st

from irbis.http import retry
from irbis.http.request import HTTPRequest
from irbis.testing import Reply

OK = Reply(body={"ok": True})
CAPACITY = '{"error":{"code":"CapacityLimitExceeded","message":"capacity limit exceeded"}}'


@pytest.fixture
def waits(monkeypatch):
    """Waits between attempts, recorded and not waited for."""
    seen = []

    async def pause(seconds):
        seen.append(seconds)

    monkeypatch.setattr(retry, "pause", pause)
    return seen


def sent(service, request, *replies, **changes):
    """Answer, number of requests that arrived."""
    path = f"/retry/{zlib.crc32(request.node.name.encode())}"
    url = service.script(path, *replies)
    found = answer(HTTPRequest("GET", url), settings(**{"backoff": 0.1, **changes}))
    return found, service.count(path)


def test_429_without_a_header_backs_off(service, request, waits):
    found, count = sent(service, request, Reply(429), Reply(429), Reply(429), OK)
    assert (found.response.status, found.response.attempts, count) == (200, 4, 4)
    assert found.failure is None
    assert all(0 <= w <= limit for w, limit in zip(waits, [0.1, 0.2, 0.4], strict=True))


def test_retry_after_in_seconds(service, request, waits):
    found, count = sent(service, request, Reply(429, headers={"Retry-After": "7"}), OK)
    assert (found.response.status, count) == (200, 2)
    assert 7 <= waits[0] <= 7.7


def test_retry_after_as_a_date(service, request, waits):
    at = format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=30), usegmt=True)
    found, _ = sent(service, request, Reply(503, headers={"Retry-After": at}), OK)
    assert found.response.status == 200
    assert 20 < waits[0] <= 33


@pytest.mark.parametrize("value", ["Thu, 01 Dec 2022 16:00:00 GMT", "-1", "soon", "1.5", ""])
def test_retry_after_that_says_nothing_falls_back_to_the_back_off(service, request, waits, value):
    found, count = sent(service, request, Reply(429, headers={"Retry-After": value}), OK)
    assert (found.response.status, count) == (200, 2)
    assert 0 <= waits[0] <= 0.1


def test_429_two_slots_and_three_of_them(service, request, waits):
    # There, 429 is repeated without end; here it counts, and the default of five attempts has room.
    found, count = sent(service, request, Reply(429), Reply(429), Reply(429), OK)
    assert (found.response.status, count) == (200, 4)
    path = service.script("/retry/for-ever", Reply(429))
    found = answer(path, settings())
    assert (found.failure.status, found.failure.attempts) == (429, 5)
    assert service.count("/retry/for-ever") == 5


def test_503_is_given_up_and_returned(service, request, waits):
    found, count = sent(service, request, Reply(503, "Service Unavailable"), max_attempts=4)
    assert count == 4
    assert (found.response.status, found.failure.kind) == (503, "status")
    assert (found.failure.status, found.failure.attempts) == (503, 4)


def test_more_statuses(service, request, waits):
    replies = Reply(404), Reply(404), OK
    found, count = sent(service, request, *replies, retry_statuses=frozenset({404}))
    assert (found.response.status, count) == (200, 3)


def test_retry_after_is_capped(service, request, waits):
    replies = Reply(429, headers={"Retry-After": "120"}), OK
    found, _ = sent(service, request, *replies, max_wait=60.0)
    assert found.response.status == 200
    assert 60 <= waits[0] <= 66


def test_retry_after_0_is_at_once(service, request, waits):
    found, count = sent(service, request, Reply(429, headers={"Retry-After": "0"}), OK)
    assert (found.response.status, count, waits) == (200, 2, [0.0])


@pytest.mark.parametrize(
    "reply",
    [
        Reply(429, CAPACITY),
        Reply(429, CAPACITY, headers={"Retry-After": "5"}),
        Reply(429, CAPACITY, how="chunked"),
    ],
    ids=["plain", "with Retry-After", "chunked"],
)
def test_no_capacity_left_is_not_repeated(service, request, waits, reply):
    found, count = sent(service, request, reply, OK)
    assert (found.failure.status, count, waits) == (429, 1, [])


def test_another_429_with_a_body_is_repeated(service, request, waits):
    limited = Reply(429, '{"error":{"code":"RateLimitExceeded"}}')
    found, count = sent(service, request, limited, limited, OK)
    assert (found.response.status, count) == (200, 3)


@pytest.mark.parametrize("status", [200, 201, 202, 203, 204, 206, 299])
def test_every_2xx_is_a_success(service, request, waits, status):
    found, count = sent(service, request, Reply(status, b"" if status == 204 else b"x"))
    assert (found.failure, found.response.status, count) == (None, status, 1)


@pytest.mark.parametrize("status", [300, 304, 400, 401, 403, 404, 409, 410, 422])
def test_what_is_final(service, request, waits, status):
    found, count = sent(service, request, Reply(status))
    assert (found.failure.status, found.response.status, count) == (status, status, 1)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 501, 502, 503, 504, 599])
def test_what_passes(service, request, waits, status):
    found, count = sent(service, request, Reply(status), OK)
    assert (found.failure, count) == (None, 2)


def post(service, path, *replies, headers=(), **changes):
    url = service.script(path, *replies)
    found = answer(HTTPRequest("POST", url, tuple(headers), b"{}"), settings(**changes))
    return found, service.count(path)


def test_a_post_is_not_sent_twice(service, waits):
    for number, reply in enumerate((Reply(503), Reply(500), Reply(how="close"), Reply(how="cut"))):
        found, count = post(service, f"/post/{number}", reply, OK)
        assert (found.failure.attempts, count) == (1, 1)


def test_a_post_that_was_refused_is_sent_again(service, waits):
    for status in (425, 429):
        found, count = post(service, f"/post/refused/{status}", Reply(status), OK)
        assert (found.failure, count) == (None, 2)


def test_a_post_that_never_reached_anyone_is_sent_again(service, waits):
    found = answer(HTTPRequest("POST", service.refused_url, (), b"{}"), settings())
    assert (found.failure.kind, found.failure.attempts) == ("connect", 5)


def test_a_post_with_a_key_or_by_consent_is_sent_again(service, waits):
    key = [("Idempotency-Key", "7")]
    assert post(service, "/post/key", Reply(503), OK, headers=key)[1] == 2
    chosen = frozenset({"POST"})
    assert post(service, "/post/consent", Reply(503), OK, retry_methods=chosen)[1] == 2


def test_a_wait_beyond_the_deadline_is_not_begun(service, request, waits):
    replies = Reply(503, headers={"Retry-After": "30"}), OK
    found, count = sent(service, request, *replies, deadline=20.0)
    assert (found.failure.kind, found.failure.status, count, waits) == ("status", 503, 1, [])


@given(st.text())
def test_retry_after_never_raises(value):
    found = retry.retry_after(value)
    assert found is None or found >= 0
