"""The table of requests that micro-batches are taken from."""

import asyncio
import json

import pytest

from irbis.serving.mailbox import Mailbox
from irbis.serving.message import Reply, Request
from irbis.serving.settings import FrontSettings

WORDS = [b"a", b"b", b"poison", b"c", b"d"]


def in_a_loop(test):
    async def run(**settings):
        box, replies = Mailbox(FrontSettings().set(name="words", **settings)), {}

        def submit(word):
            return box.submit(
                None, Request("POST", "/", [], word), lambda r: replies.update({word: r})
            )

        return await test(box, submit, replies)

    return run


def take_all(box):
    return box.take(0, box.next)


@pytest.mark.parametrize("at", range(len(WORDS)))
def test_what_kills_the_query_ends_up_alone_and_is_the_only_500(at):
    words = [w for w in WORDS if w != b"poison"]
    words.insert(at, b"poison")

    async def live(box, submit, replies):
        for word in words:
            submit(word)
        for _run in range(20):
            taken = take_all(box)
            if not taken:
                break
            if b"poison" in [r.body for _, r in taken]:
                box.run += 1  # as a query does that is started again
                continue
            for offset, request in taken:
                box.reply(offset, Reply(200, request.body))
        assert box.idle
        return replies

    replies = asyncio.run(in_a_loop(live)())
    assert {w: r.status for w, r in replies.items()} == dict.fromkeys(WORDS, 200) | {b"poison": 500}
    assert "error_id" in json.loads(replies[b"poison"].body)


@pytest.mark.parametrize("filtered", [404, 204])
def test_a_task_that_is_tried_again_reads_what_is_not_answered(filtered):
    async def live(box, submit, replies):
        for word in (b"a", b"b", b"c"):
            submit(word)
        first = take_all(box)
        box.reply(first[1][0], Reply(200, b"B"))
        box.reply(first[1][0], Reply(200, b"late"))
        assert [r.body for _, r in take_all(box)] == [b"a", b"c"]
        box.reply(first[0][0], Reply(200, b"A"))
        box.batch_done()
        return replies

    replies = asyncio.run(in_a_loop(live)(filtered_status=filtered))
    assert (replies[b"b"].body, replies[b"a"].body) == (b"B", b"A")
    assert replies[b"c"].status == filtered
    assert (replies[b"c"].body == b"") is (filtered == 204)


def test_a_client_that_goes_a_deadline_and_the_end():
    async def live(box, submit, replies):
        gone = submit(b"gone")
        submit(b"late")
        gone()
        assert [r.body for _, r in take_all(box)] == [b"late"]
        await asyncio.sleep(0.3)
        assert replies[b"late"].status == 503
        submit(b"one")
        submit(b"two")
        submit(b"three")  # the queue holds two
        box.close()
        return replies

    replies = asyncio.run(in_a_loop(live)(request_deadline=0.1, max_queue=2))
    assert b"gone" not in replies
    assert {r.status for r in replies.values()} == {503}
