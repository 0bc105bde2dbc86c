"""fake_service: a real HTTP server on loopback whose every answer, and every fault, is scripted."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from irbis.testing.fake_reply import Reply, Seen, asked_by_query, echo
from irbis.testing.fake_wire import Connection

__all__ = ["FakeService", "fake_service"]

Answer: TypeAlias = Reply | Callable[[Seen], Reply]


class FakeService:
    """What :func:`fake_service` hands out.

    Attributes
    ----------
    url : str
        ``http://127.0.0.1:PORT``, without a slash at the end.
    refused_url : str
        An address on which nobody listens: connections are refused.
    requests : list of Seen
        Every request, in the order of arrival.
    connections : int
        Connections that were opened.
    peak : int
        Most requests that were being answered at the same time.
    """

    def __init__(self, port: int, refused: int, scheme: str) -> None:
        self.url = f"{scheme}://127.0.0.1:{port}"
        self.refused_url = f"http://127.0.0.1:{refused}"
        self._scripts: dict[str, list[Answer]] = {}
        self.clear()

    def script(self, path: str, *replies: Answer) -> str:
        """Say what a path answers: one reply a request, the last for ever; returns its URL.

        A reply may be a function from a :class:`Seen` to a :class:`Reply`.
        """
        self._scripts[path] = list(replies)
        return self.url + path

    def count(self, path: str | None = None) -> int:
        """Count the requests for a path, or all."""
        return sum(path in (None, seen.path) for seen in self.requests)

    def clear(self) -> None:
        """Forget all requests; scripts begin anew where they were."""
        self.requests: list[Seen] = []
        self.connections = self.peak = self._now = 0
        self._given: Counter[str] = Counter()

    def _answer(self, seen: Seen) -> Reply:
        self.requests.append(seen)
        script = self._scripts.get(seen.path)
        if script is None:
            asked = asked_by_query(seen)
            if asked is None:
                return echo(seen)
            self._given[f"{seen.path}?{seen.query}"] += 1
            reply, times = asked
            return (
                reply
                if not times or self._given[f"{seen.path}?{seen.query}"] <= times
                else echo(seen)
            )
        chosen = script.pop(0) if len(script) > 1 else script[0]
        return chosen if isinstance(chosen, Reply) else chosen(seen)

    def _opened(self) -> None:
        self.connections += 1

    def _begun(self) -> None:
        self._now += 1
        self.peak = max(self.peak, self._now)

    def _ended(self) -> None:
        self._now -= 1


@contextmanager
def fake_service(*, tls: ssl.SSLContext | None = None) -> Iterator[FakeService]:
    """Run a real HTTP/1.1 server on a free loopback port, in a thread of this process.

    Spark's workers reach it as any client does. A path with a script answers by it (see
    :meth:`FakeService.script`). Any other path echoes the request as JSON, unless the query asks for
    something: ``status``, ``latency`` (seconds), ``retry_after``, ``size`` (bytes), ``location``,
    ``interval`` and ``how`` (one of :data:`irbis.testing.BEHAVIOURS`); with ``times=n`` only the
    first n requests for that address get it. It sends no Date, so the same request gets the same
    answer to the byte.

    Parameters
    ----------
    tls : ssl.SSLContext, optional
        Serve https with it.

    Examples
    --------
    >>> from urllib.request import urlopen
    >>> with fake_service() as service:
    ...     url = service.script("/a", Reply(body="first"), Reply(body="then"))
    ...     found = [urlopen(url).read() for _ in range(3)]
    >>> found, service.count("/a")
    ([b'first', b'then', b'then'], 3)
    """
    loop = asyncio.new_event_loop()
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    # Bound but not listening: nobody else gets the port, and connections to it are refused.
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    scheme = "http" if tls is None else "https"
    service = FakeService(listening.getsockname()[1], closed.getsockname()[1], scheme)
    stop = asyncio.Event()
    ready = threading.Event()

    def connection() -> Connection:
        return Connection(service._answer, service._opened, service._begun, service._ended)

    async def serve() -> None:
        server = await loop.create_server(connection, sock=listening, ssl=tls)
        ready.set()
        await stop.wait()
        server.close()
        pending = asyncio.all_tasks() - {asyncio.current_task()}
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    thread = threading.Thread(
        target=loop.run_until_complete, args=(serve(),), name="fake_service", daemon=True
    )
    thread.start()
    ready.wait()
    try:
        yield service
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
        closed.close()
