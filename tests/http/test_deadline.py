"""Nothing outlasts its deadline, wherever it gets stuck: every other clock is set to an hour."""

import contextlib
import socket
import threading

import pytest
from calling import answer, answers, settings

from irbis.http import environment
from irbis.http.request import HTTPRequest
from irbis.testing import Reply

HOUR = 3600.0
PATIENT = {"timeout": HOUR, "read_timeout": HOUR, "connect_timeout": HOUR, "max_wait": HOUR}


@pytest.fixture(scope="module")
def silent():
    """Connections come about, and nobody ever reads or writes."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(scope="module")
def full():
    """The queue of connections is full: the kernel drops what else knocks."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            knocking = stack.enter_context(socket.socket())
            knocking.setblocking(False)
            knocking.connect_ex(server.getsockname())
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(scope="module")
def dripping():
    """Headers come a byte at a time, without end."""
    server, over = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def drip(connection):
        with connection, contextlib.suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not over.wait(0.02):
                connection.sendall(b"x")

    def serve():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(server.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield f"127.0.0.1:{server.getsockname()[1]}"
    over.set()
    server.shutdown(socket.SHUT_RDWR)
    server.close()


@pytest.fixture
def slow_names(monkeypatch):
    """A name server that does not answer."""
    over, lookup = threading.Event(), socket.getaddrinfo

    def look_up(host, *args, **kwargs):
        if host in ("slow.invalid", b"slow.invalid"):
            over.wait(60)
        return lookup(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield
    over.set()


@pytest.fixture
def a_proxy(monkeypatch, silent):
    caches = environment.proxy_for, environment._proxies
    monkeypatch.setenv("https_proxy", f"http://{silent}")
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize("http2", [False, True])
def test_every_phase(service, silent, full, dripping, slow_names, a_proxy, http2):
    long = service.script("/long", Reply(body=b"x" * 10_000, how="drip", interval=0.01))
    turning = service.script("/turning", Reply(302, headers={"Location": "/turning"}, latency=0.02))
    again = service.script("/again", Reply(503, headers={"Retry-After": "0"}, latency=0.02))
    stuck = {
        "name": "http://slow.invalid/",
        "connection": f"http://{full}/",
        "TLS": f"https://{silent}/",
        "proxy": "https://behind.invalid/",
        "body of the request": HTTPRequest("PUT", f"http://{silent}/", (), b"x" * 20_000_000),
        "answer": f"http://{silent}/",
        "headers": f"http://{dripping}/",
        "body": long,
        "redirects": turning,
        "attempts": again,
    }
    chosen = settings(
        **PATIENT,
        deadline=0.6,
        max_attempts=100,
        max_redirects=100,
        concurrency=len(stuck),
        http2=http2,
    )
    found = answers(stuck.values(), chosen)
    kinds = {what: a.failure.kind for what, a in zip(stuck, found, strict=True)}
    # The last attempt of many may end in time, and no other begin.
    assert kinds.pop("attempts") in ("deadline", "status")
    assert kinds == dict.fromkeys(kinds, "deadline")


def test_a_turn_that_comes_too_late_is_not_waited_for(service, fresh_paces):
    chosen = settings(**PATIENT, deadline=0.5, rate=0.01)
    limited = service.script("/late/limited", Reply(503))
    found = answer(limited, chosen)
    assert (found.failure.status, found.failure.attempts) == (503, 1)
    assert service.count("/late/limited") == 1


def test_nor_is_a_turn_after_a_redirect_or_in_a_handler(service, fresh_paces):
    chosen = {**PATIENT, "deadline": 0.5, "rate": 0.01}
    away = service.script("/late/away", Reply(302, headers={"Location": "/late/there"}))
    found = answer(away, settings(**chosen))
    assert (found.failure.kind, service.count("/late/there")) == ("deadline", 0)
    assert "no turn" in found.failure.message
    fresh_paces()

    async def twice(send, request):
        await send()
        return await send()

    found = answer(service.url + "/late/twice", settings(**chosen, handler=twice))
    assert (found.failure.kind, service.count("/late/twice")) == ("deadline", 1)
