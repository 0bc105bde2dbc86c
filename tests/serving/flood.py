"""As many requests as a front can take, over kept connections; one event loop asks them all."""

import asyncio
import re
import time
from collections import Counter

from irbis.serving.front import new_event_loop

LENGTH = re.compile(rb"content-length: (\d+)")


class Flood:
    """Asks the same until it was answered `count` times.

    `tell` is called with the number of answers, ten times on the way and at both ends.
    """

    def __init__(self, port, path, body, count, *, connections=32, tell=lambda _: None):
        self.port, self.connections, self.count, self.tell = port, connections, count, tell
        head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n"
        self.request = head.encode() + body
        self.left, self.answers, self.open = count, 0, 0
        self.statuses = Counter()

    def run(self):
        """Ask; returns the seconds it took."""
        began = time.perf_counter()
        loop = new_event_loop()
        try:
            loop.run_until_complete(self._ask_all(loop))
        finally:
            loop.close()
        return time.perf_counter() - began

    async def _ask_all(self, loop):
        self.ended = asyncio.Event()
        self.tell(0)
        for _ in range(self.connections):
            self.open += 1
            await loop.create_connection(lambda: Client(self), "127.0.0.1", self.port)
        await self.ended.wait()

    def answered(self, status):
        self.statuses[status] += 1
        self.answers += 1
        if self.answers % (self.count // 10) == 0:
            self.tell(self.answers)


class Client(asyncio.Protocol):
    def __init__(self, flood):
        self.flood, self.seen = flood, b""

    def connection_made(self, transport):
        self.transport = transport
        self.ask()

    def ask(self):
        if self.flood.left:
            self.flood.left -= 1
            self.transport.write(self.flood.request)
        else:
            self.transport.close()

    def data_received(self, data):
        self.seen += data
        head = self.seen.find(b"\r\n\r\n")
        if head < 0:
            return
        end = head + 4 + int(LENGTH.search(self.seen, 0, head)[1])
        if len(self.seen) >= end:
            # More than the answer would be an answer to nothing.
            self.flood.answered(self.seen[9:12] if len(self.seen) == end else b"two answers")
            self.seen = b""
            self.ask()

    def connection_lost(self, exc):
        self.flood.open -= 1
        if not self.flood.open:
            self.flood.ended.set()
