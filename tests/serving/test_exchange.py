"""The way between a front's mailbox and Spark's tasks, on real sockets."""

import asyncio
import json
import socket
import threading

import pytest

from irbis.serving import exchange
from irbis.serving.exchange import Exchange, ask, send_replies, take
from irbis.serving.mailbox import Mailbox
from irbis.serving.message import Reply, Request
from irbis.serving.settings import FrontSettings

SECRET = "s3cret"


class Running:
    """A mailbox and its exchange in an event loop of their own."""

    def __init__(self):
        self.loop, self.replies, self.faults = asyncio.new_event_loop(), {}, []
        self.loop.set_exception_handler(lambda _, said: self.faults.append(said["message"]))
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.peer = ("127.0.0.1", self.call(self.start()))

    def call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    async def start(self):
        self.box = Mailbox(FrontSettings().set(name="words"))
        self.exchange = Exchange(self.box, SECRET)
        return await self.exchange.start("127.0.0.1")

    def submit(self, word):
        async def put():
            request = Request("POST", "/words?q=1", [(b"a", b"\xe9")], word, "1.0")
            self.box.submit(None, request, lambda reply: self.replies.update({word: reply}))

        self.call(put())

    def stop(self):
        async def end():
            self.exchange.close()
            self.box.close()

        self.call(end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(20)
        self.loop.close()


@pytest.fixture
def running():
    there = Running()
    yield there
    there.stop()
    assert there.faults == []


def test_requests_go_out_and_replies_come_back(running):
    start = running.box.next
    for word in (b"one", b"two\n2 3\n", b""):
        running.submit(word)
    assert ask(running.peer, SECRET, "latest", known=start, wait=9)[0]["next"] == start + 3
    taken = take(running.peer, SECRET, start, start + 2)
    assert [(o, r.body) for o, r in taken] == [(start, b"one"), (start + 1, b"two\n2 3\n")]
    request = taken[0][1]
    assert (request.method, request.target, request.version) == ("POST", "/words?q=1", "1.0")
    assert request.headers == [(b"a", b"\xe9")]
    answers = [(o, Reply(201, r.body * 2, "", [("x", "y")])) for o, r in taken]
    send_replies(running.peer, SECRET, answers)
    reply = running.replies[b"two\n2 3\n"]
    assert (reply.status, reply.body, reply.type) == (201, b"two\n2 3\n" * 2, "")
    assert reply.headers == [("x", "y")]
    assert [r.body for _, r in take(running.peer, SECRET, 0, start + 9)] == [b""]
    assert ask(running.peer, SECRET, "done") == ({"bytes": 0}, b"")
    assert running.replies[b""].status == 404
    running.submit(b"more")
    assert len(take(running.peer, SECRET, 0, start + 9)) == 1
    assert ask(running.peer, SECRET, "nothing of the kind") == ({"bytes": 0}, b"")
    assert b"more" not in running.replies


def test_without_the_secret_nothing_is_said_or_done(running):
    start = running.box.next
    running.submit(b"mine")
    with pytest.raises(ConnectionError, match="the front is gone"):
        ask(running.peer, "guess", "take", start=start, end=start + 1)
    assert take(running.peer, "", start, start + 1) == []
    send_replies(running.peer, "guess", [(start, Reply(200, b"forged"))])
    assert running.replies == {}
    assert len(take(running.peer, SECRET, start, start + 1)) == 1


@pytest.mark.parametrize(
    "said",
    [b"", b"\n", b"junk\n", b'{"secret": "s3cret", "op": "reply", "bytes": 9}\nshort', b"[1]\n"],
)
def test_who_does_not_speak_its_language_is_let_go(running, said):
    with socket.create_connection(running.peer, timeout=20) as sock:
        sock.sendall(said)
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(9) == b""
    assert ask(running.peer, SECRET, "latest", known=0, wait=9)[0]["next"] == running.box.next


def test_a_body_is_read_to_its_last_byte(running):
    start = running.box.next
    running.submit(b"large")
    large = Reply(200, b"x" * 3_000_000)
    send_replies(running.peer, SECRET, [(start, large)])
    assert running.replies[b"large"].body == large.body
    running.submit(b"y" * 3_000_000)
    ((_, request),) = take(running.peer, SECRET, start, start + 9)
    assert request.body == b"y" * 3_000_000


def test_an_exchange_that_closed_takes_no_more_calls(running):
    running.submit(b"a")
    running.loop.call_soon_threadsafe(running.exchange.close)
    running.call(asyncio.sleep(0.05))
    with pytest.raises(OSError, match=r"."):
        ask(running.peer, SECRET, "done")
    assert take(running.peer, SECRET, 0, 2**62) == []
    send_replies(running.peer, SECRET, [])


def test_it_listens_on_any_free_port_and_takes_a_line_without_a_body(running):
    assert running.peer[1] > 1023
    with socket.create_connection(running.peer, timeout=20) as sock:
        sock.sendall(b'{"secret": "s3cret", "op": "done"}\n')
        assert sock.makefile("rb").read() == b'{"bytes": 0}\n'


def test_a_front_that_says_nothing_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(exchange, "_TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert take(server.getsockname(), SECRET, 0, 1) == []


def test_an_exchange_that_never_listened_closes():
    Exchange(None, SECRET).close()


def test_what_ask_sends_and_reads():
    """Against a listener of our own: the line, and no more of the answer than it says."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        heard = {}

        def listen():
            connection, _ = server.accept()
            with connection, connection.makefile("rb") as file:
                heard.update(json.loads(file.readline()))
                heard["body"] = file.read(heard["bytes"])
                connection.sendall(b'{"bytes": 2}\nabc')

        thread = threading.Thread(target=listen)
        thread.start()
        said = ask(server.getsockname(), SECRET, "take", b"body", start=1, end=2)
        thread.join(20)
    assert said == ({"bytes": 2}, b"ab")
    assert heard == {
        "secret": SECRET, "op": "take", "bytes": 4, "start": 1, "end": 2, "body": b"body",
    }  # fmt: skip
