"""How each behaviour of the fake service looks on the wire: bytes to write, in order."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from typing import TypeAlias

from irbis.testing.fake_reply import Reply, Seen

__all__ = ["pieces"]

Writer: TypeAlias = Callable[[Reply, Seen, bytes], AsyncIterator[bytes]]


def pieces(reply: Reply, seen: Seen) -> AsyncIterator[bytes]:
    """Bytes of a reply to a request."""
    bodiless = seen.method == "HEAD" or reply.status in (204, 304)
    if bodiless and reply.how in _BODIES:
        return _bare(reply, seen, reply.content())
    return _WRITERS.get(reply.how, _plain)(reply, seen, reply.content())


def _length(body: bytes) -> str:
    return f"Content-Length: {len(body)}"


def _chunk(part: bytes) -> bytes:
    return f"{len(part):x}\r\n".encode() + part + b"\r\n"


async def _bare(reply: Reply, _: Seen, body: bytes) -> AsyncIterator[bytes]:
    yield reply.head(*([] if reply.status in (204, 304) else [_length(body)]))


async def _plain(reply: Reply, _: Seen, body: bytes) -> AsyncIterator[bytes]:
    yield reply.head(_length(body)) + body


async def _garbage(_reply: Reply, _: Seen, _body: bytes) -> AsyncIterator[bytes]:
    yield b"\x00\x01 this is not HTTP \xff\r\n\r\n"


async def _redirect_loop(reply: Reply, seen: Seen, _: bytes) -> AsyncIterator[bytes]:
    again = f"Location: {seen.path}?{seen.query}"
    yield Reply(302, headers=reply.headers).head(again, "Content-Length: 0")


async def _half(reply: Reply, _: Seen, body: bytes) -> AsyncIterator[bytes]:
    body = body or b"half of this"
    yield reply.head(_length(body)) + body[: len(body) // 2]
    await asyncio.sleep(0.02)  # so that the first half is on its way


async def _chunked(reply: Reply, _: Seen, body: bytes) -> AsyncIterator[bytes]:
    yield reply.head("Transfer-Encoding: chunked")
    for at in range(0, len(body), 1000):
        yield _chunk(body[at : at + 1000])
    yield b"0\r\n\r\n"


async def _bad_chunk(reply: Reply, _: Seen, body: bytes) -> AsyncIterator[bytes]:
    yield reply.head("Transfer-Encoding: chunked") + b"nonsense\r\n" + body


async def _gzip(reply: Reply, _: Seen, body: bytes) -> AsyncIterator[bytes]:
    packed = gzip.compress(body, mtime=0)
    yield reply.head(_length(packed), "Content-Encoding: gzip") + packed


async def _bad_gzip(reply: Reply, _: Seen, body: bytes) -> AsyncIterator[bytes]:
    body = body or b"not gzip at all"
    yield reply.head(_length(body), "Content-Encoding: gzip") + body


async def _bad_json(reply: Reply, _: Seen, _body: bytes) -> AsyncIterator[bytes]:
    half = b'{"half": ["a docu'
    yield reply.head(_length(half), "Content-Type: application/json") + half


async def _drip(reply: Reply, _: Seen, body: bytes) -> AsyncIterator[bytes]:
    yield reply.head(_length(body))
    for byte in body:
        await asyncio.sleep(reply.interval)
        yield bytes([byte])


async def _endless(reply: Reply, _: Seen, _body: bytes) -> AsyncIterator[bytes]:
    yield reply.head("Transfer-Encoding: chunked")
    while True:
        yield _chunk(b"x" * 65536)
        await asyncio.sleep(0)


_BODIES = {
    "plain",
    "chunked",
    "gzip",
    "drip",
    "reset",
    "cut",
    "bad_gzip",
    "bad_chunk",
    "bad_json",
    "endless",
}

_WRITERS: dict[str, Writer] = {
    "garbage": _garbage,
    "redirect_loop": _redirect_loop,
    "reset": _half,
    "cut": _half,
    "chunked": _chunked,
    "bad_chunk": _bad_chunk,
    "gzip": _gzip,
    "bad_gzip": _bad_gzip,
    "bad_json": _bad_json,
    "drip": _drip,
    "endless": _endless,
}
