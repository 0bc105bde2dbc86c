"""The way between a front's mailbox and Spark's tasks: a socket on which a secret comes first."""

from __future__ import annotations

import asyncio
import hmac
import json
import socket
from collections.abc import Iterable
from typing import Any

from irbis.serving.mailbox import Mailbox
from irbis.serving.message import Reply, Request
from irbis.serving.packing import (
    join,
    pack_reply,
    pack_request,
    split,
    unpack_reply,
    unpack_request,
)

__all__ = ["Exchange", "Peer", "ask"]

#: Host and port of an exchange.
Peer = tuple[str, int]
_TIMEOUT = 30.0


class Exchange:
    """Listens for tasks, in the event loop of the front.

    Parameters
    ----------
    mailbox : Mailbox
    secret : str
    """

    def __init__(self, mailbox: Mailbox, secret: str) -> None:
        self.mailbox, self.secret = mailbox, secret.encode()
        self.server: asyncio.Server | None = None

    async def start(self, host: str) -> int:
        """Listen; returns the port."""
        self.server = await asyncio.start_server(self._talk, host, 0)
        return int(self.server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Listen no more."""
        if self.server is not None:
            self.server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = json.loads(await asyncio.wait_for(reader.readline(), _TIMEOUT))
            if not hmac.compare_digest(str(head.get("secret", "")).encode(), self.secret):
                return
            body = await reader.readexactly(int(head.get("bytes", 0)))
            said, payload = await self._do(head, body)
            said["bytes"] = len(payload)
            writer.write(json.dumps(said).encode() + b"\n" + payload)
            await writer.drain()
        except (OSError, ValueError, AttributeError, TimeoutError, asyncio.IncompleteReadError):
            return  # a task that died, or somebody else
        finally:
            writer.close()

    async def _do(self, head: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        operation = head["op"]
        if operation == "latest":
            return {"next": await self.mailbox.latest(head["known"], head["wait"])}, b""
        if operation == "take":
            found = self.mailbox.take(head["start"], head["end"])
            return {}, join((offset, pack_request(r)) for offset, r in found)
        if operation == "reply":
            for offset, packed in split(body):
                self.mailbox.reply(offset, unpack_reply(packed))
        elif operation == "done":
            self.mailbox.batch_done()
        return {}, b""


def ask(
    peer: Peer, secret: str, operation: str, body: bytes = b"", **arguments: Any
) -> tuple[dict[str, Any], bytes]:
    """Ask an exchange.

    Raises
    ------
    OSError
        If it is not there (any more).
    """
    head = {"secret": secret, "op": operation, "bytes": len(body), **arguments}
    with socket.create_connection(peer, timeout=_TIMEOUT) as sock:
        sock.sendall(json.dumps(head).encode() + b"\n" + body)
        with sock.makefile("rb") as file:
            line = file.readline()
            if not line:
                raise ConnectionError("the front is gone")
            said = json.loads(line)
            return said, file.read(said["bytes"])


def take(peer: Peer, secret: str, start: int, end: int) -> list[tuple[int, Request]]:
    """Requests of a range of offsets that are not answered; none if the front is gone."""
    try:
        _, body = ask(peer, secret, "take", start=start, end=end)
    except OSError:
        return []  # and its clients' connections with it
    return [(offset, unpack_request(packed)) for offset, packed in split(body)]


def send_replies(peer: Peer, secret: str, replies: Iterable[tuple[int, Reply]]) -> None:
    """Send replies to the front that holds the connections."""
    try:
        ask(peer, secret, "reply", join((offset, pack_reply(r)) for offset, r in replies))
    except OSError:
        return  # nobody is left to be answered
