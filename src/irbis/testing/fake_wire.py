"""The fake service's side of one connection: reads HTTP/1.1 requests, writes what a reply says."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import cast

from irbis.testing.fake_reply import Reply, Seen
from irbis.testing.fake_writing import pieces

__all__ = ["Connection"]


class Connection(asyncio.Protocol):
    """One client's connection.

    Parameters
    ----------
    answer : callable
        From a request to a reply.
    opened, begun, ended : callables without arguments
        Called for each connection, and around each request.
    """

    def __init__(
        self,
        answer: Callable[[Seen], Reply],
        opened: Callable[[], None],
        begun: Callable[[], None],
        ended: Callable[[], None],
    ) -> None:
        self.answer, self.opened, self.begun, self.ended = answer, opened, begun, ended
        self.held = bytearray()
        self.transport: asyncio.Transport | None = None
        self.task: asyncio.Task[None] | None = None
        self.room = asyncio.Event()
        self.room.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection."""
        self.transport = cast("asyncio.Transport", transport)
        self.opened()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Stop answering: nobody listens."""
        if self.task is not None:
            self.task.cancel()
        self.room.set()

    def pause_writing(self) -> None:
        """Wait with an endless body while the client does not read."""
        self.room.clear()

    def resume_writing(self) -> None:
        """Go on."""
        self.room.set()

    def data_received(self, data: bytes) -> None:
        """Collect a request; answer it when it is whole."""
        self.held += data
        if self.task is None and (seen := self._request()) is not None:
            self.begun()
            self.task = asyncio.get_running_loop().create_task(self._respond(seen))
            self.task.add_done_callback(self._done)

    def _done(self, _: asyncio.Task[None]) -> None:
        self.task = None
        self.ended()

    def _request(self) -> Seen | None:
        end = self.held.find(b"\r\n\r\n")
        if end < 0:
            return None
        first, *lines = self.held[:end].decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body, used = _unchunk(self.held, end + 4)
        else:
            length = int(headers.get("content-length", 0))
            used = end + 4 + length
            body = bytes(self.held[end + 4 : used])
            if len(body) < length:
                return None
        if used < 0:
            return None
        del self.held[:used]
        method, target, *_ = first.split(" ")
        path, _, query = target.partition("?")
        return Seen(method, path, query, headers, body)

    async def _respond(self, seen: Seen) -> None:
        reply = self.answer(seen)
        transport = cast("asyncio.Transport", self.transport)
        if reply.latency:
            await asyncio.sleep(reply.latency)
        if reply.how == "hang":
            await asyncio.Event().wait()
        if reply.how == "close":
            transport.close()
            return
        async for piece in pieces(reply, seen):
            await self.room.wait()
            transport.write(piece)
        if reply.how == "reset":
            # Lingering for no time makes the kernel send RST.
            linger = struct.pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, linger
            )
            transport.abort()
        elif reply.how in ("cut", "garbage", "bad_chunk") or (
            seen.headers.get("connection", "").lower() == "close"
        ):
            transport.close()


def _unchunk(data: bytearray, at: int) -> tuple[bytes, int]:
    body = bytearray()
    while True:
        end = data.find(b"\r\n", at)
        if end < 0:
            return b"", -1
        size = int(data[at:end].split(b";")[0], 16)
        at = end + 2
        if len(data) < at + size + 2:
            return b"", -1
        body += data[at : at + size]
        at += size + 2
        if size == 0:
            return bytes(body), at
