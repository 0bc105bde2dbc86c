"""The mailbox's rules to the number: offsets, runs, halves, and deadlines by a clock that we set."""

import asyncio
import json
import logging
import time

import pytest

from irbis.serving import mailbox
from irbis.serving.mailbox import Mailbox
from irbis.serving.message import Reply, Request
from irbis.serving.settings import FrontSettings


class Clock:
    """The time, and the event loop's timers."""

    def __init__(self):
        self.now, self.timers = 100.0, []

    def call_later(self, delay, do):
        self.timers.append([round(delay, 6), do, True])
        return self

    def cancel(self):
        self.timers[-1][2] = False


class Box:
    """A mailbox, the replies by word, and what takes a request back."""

    def __init__(self, clock, **settings):
        self.box = Mailbox(FrontSettings().set(name="words", retry_after=3, **settings))
        self.box.loop, self.replies, self.cancels = clock, {}, {}
        self.first = self.box.next

    def submit(self, *words):
        for word in words:
            request = Request("POST", "/", [], word)
            respond = lambda reply, word=word: self.replies.update({word: reply})
            self.cancels[word] = self.box.submit(None, request, respond)

    def take(self, start=0, end=None):
        end = self.box.next if end is None else end
        return [r.body for _, r in self.box.take(start, end)]

    def said(self, word):
        reply = self.replies[word]
        return reply.status, json.loads(reply.body)["detail"], list(reply.headers)


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(mailbox, "monotonic", lambda: made.now)
    return made


@pytest.fixture
def live(clock):
    """Runs a test in an event loop, with a mailbox of some settings."""

    def run(test, **settings):
        async def inside():
            there = Box(clock, **settings)
            result = test(there)
            return await result if asyncio.iscoroutine(result) else result

        return asyncio.run(inside())

    return run


def test_offsets_follow_each_other_and_the_time(live):
    def test(there):
        assert abs(there.first - time.time() * 1e6) < 60e6
        assert (there.box.idle, there.box.in_flight, there.box.stuck) == (True, 0, False)
        there.submit(b"a", b"b")
        assert list(there.box.waiting) == [there.first, there.first + 1]
        assert (there.box.idle, there.box.in_flight) == (False, 2)
        assert (there.box.next, there.box.run) == (there.first + 2, 1)

    live(test)


def test_a_range_is_what_it_says(live):
    def test(there):
        there.submit(b"a", b"b", b"c")
        assert there.take(there.first, there.first + 2) == [b"a", b"b"]
        assert there.take(there.first + 1, there.first + 3) == [b"b", b"c"]
        assert there.take(there.first + 3, there.first + 9) == []
        # A task that is tried again is no death of the query.
        assert [there.take() for _ in range(3)] == [[b"a", b"b", b"c"]] * 3
        assert there.box.next == there.first + 3

    live(test)


def test_a_full_queue(live):
    def test(there):
        there.submit(b"a", b"b", b"c")
        assert there.cancels[b"c"] is None
        assert there.said(b"c") == (503, "the queue is full", [("retry-after", "3")])
        assert there.take() == [b"a", b"b"]

    live(test, max_queue=2)


def test_latest_waits_for_what_is_new_and_for_no_more(live):
    async def test(there):
        there.submit(b"old")
        known = there.box.next
        assert await asyncio.wait_for(there.box.latest(known - 1, 1e9), 20) == known
        assert await asyncio.wait_for(there.box.latest(known, 0.001), 20) == known
        waiting = asyncio.ensure_future(there.box.latest(known, 1e9))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        there.submit(b"new")
        assert await asyncio.wait_for(waiting, 20) == known + 1

    live(test)


def test_the_query_dies_of_many_and_half_of_them_come_again(live):
    def test(there):
        words = [b"a", b"b", b"c", b"d", b"e"]
        there.submit(*words)
        assert there.take() == words
        known = there.box.next
        there.box.run += 1
        assert there.take(end=known) == [b"a", b"b"]
        # The others have new offsets and count as not taken: they are not halved again.
        assert there.take(known) == [b"c", b"d", b"e"]
        assert there.box.in_flight == 5

    live(test)


def test_what_came_after_the_death_is_not_suspected(live):
    def test(there):
        there.submit(b"a")
        assert there.take() == [b"a"]
        there.box.run += 1
        there.submit(b"b", b"c")
        assert there.take() == [b"a", b"b", b"c"]

    live(test)


def test_alone_and_twice_is_a_500(live, caplog):
    def test(there):
        there.submit(b"p")
        for taken in ([b"p"], [b"p"]):
            assert there.take() == taken
            there.box.run += 1
        there.submit(b"b")
        assert there.take() == [b"b"]
        assert (there.replies[b"p"].status, there.box.in_flight) == (500, 1)
        return json.loads(there.replies[b"p"].body)["error_id"]

    with caplog.at_level(logging.ERROR, "irbis.serving"):
        assert live(test) in caplog.text


def test_who_goes_is_found_under_a_new_offset(live):
    def test(there):
        there.submit(b"a", b"b", b"c", b"d")
        there.take()
        there.box.run += 1
        there.take()
        for word in (b"d", b"a"):
            there.cancels[word]()
            there.cancels[word]()  # once is enough
        assert there.take(0, there.box.next) == [b"b", b"c"]
        assert there.replies == {}

    live(test)


@pytest.mark.parametrize("status", [404, 204, 205])
def test_the_end_of_a_batch_answers_what_was_taken_for_it(live, status):
    def test(there):
        there.submit(b"taken", b"not yet")
        there.box.batch_done()
        assert there.replies == {}
        there.take(end=there.first + 1)
        there.box.batch_done()
        assert list(there.replies) == [b"taken"]
        reply = there.replies[b"taken"]
        assert reply.status == status
        assert (reply.body == b"", reply.type == "") == (status == 204, status == 204)

    live(test, filtered_status=status)


def test_a_second_reply_is_ignored(live):
    def test(there):
        there.submit(b"a")
        for body in (b"1", b"2"):
            there.box.reply(there.first, Reply(200, body))
        there.box.reply(there.first + 9, Reply(200))
        assert there.replies[b"a"].body == b"1"

    live(test)


def test_one_timer_at_a_time_for_the_oldest(live, clock):
    def test(there):
        there.submit(b"a")
        clock.now = 104.0
        there.submit(b"b")
        clock.now = 109.5
        there.submit(b"c")
        assert [t[0] for t in clock.timers] == [10.0]
        clock.now = 110.0
        clock.timers[-1][1]()
        assert there.said(b"a") == (503, "the deadline passed", [("retry-after", "3")])
        assert [t[0] for t in clock.timers] == [10.0, 4.0]
        clock.now = 119.0
        clock.timers[-1][1]()
        assert sorted(there.replies) == [b"a", b"b"]
        assert [t[0] for t in clock.timers] == [10.0, 4.0, 0.5]
        clock.now = 119.5
        clock.timers[-1][1]()
        assert len(clock.timers) == 3
        there.submit(b"d")
        assert [t[0] for t in clock.timers] == [10.0, 4.0, 0.5, 10.0]

    live(test, request_deadline=10.0)


def test_the_end(live, clock):
    def test(there):
        there.box.close()  # of one that never had a request
        there.submit(b"a", b"b")
        there.box.close()
        for word in (b"a", b"b"):
            assert there.said(word) == (503, "stopping", [("retry-after", "3")])
        assert [t[2] for t in clock.timers] == [False]

    live(test)
