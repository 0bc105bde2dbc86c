"""Requests and replies as bytes, for the way between a front and Spark's tasks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from irbis.serving.message import Reply, Request

__all__ = ["join", "pack_reply", "pack_request", "split", "unpack_reply", "unpack_request"]


def pack_reply(reply: Reply) -> bytes:
    """Write a reply: a line of JSON, then the body.

    Examples
    --------
    >>> unpack_reply(pack_reply(Reply(201, b"a"))).status
    201
    """
    head = {"status": reply.status, "type": reply.type, "headers": list(reply.headers)}
    return json.dumps(head).encode() + b"\n" + reply.body


def unpack_reply(packed: bytes) -> Reply:
    """Read what :func:`pack_reply` wrote."""
    head, _, body = packed.partition(b"\n")
    told = json.loads(head)
    headers = [(str(n), str(v)) for n, v in told["headers"]]
    return Reply(int(told["status"]), body, str(told["type"]), headers)


def pack_request(request: Request) -> bytes:
    """Write a request: a line of JSON, then the body."""
    headers = [[n.decode("latin-1"), v.decode("latin-1")] for n, v in request.headers]
    head = [request.method, request.target, request.version, headers]
    return json.dumps(head).encode() + b"\n" + request.body


def unpack_request(packed: bytes) -> Request:
    """Read what :func:`pack_request` wrote."""
    head, _, body = packed.partition(b"\n")
    method, target, version, headers = json.loads(head)
    pairs = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in headers]
    return Request(method, target, pairs, body, version)


def join(items: Iterable[tuple[int, bytes]]) -> bytes:
    """Write numbered items, each with its length before it."""
    return b"".join(b"%d %d\n%b" % (number, len(item), item) for number, item in items)


def split(joined: bytes) -> Iterator[tuple[int, bytes]]:
    """Read what :func:`join` wrote.

    Examples
    --------
    >>> list(split(join([(7, b"a b"), (8, b"")])))
    [(7, b'a b'), (8, b'')]
    """
    at = 0
    while at < len(joined):
        end = joined.index(b"\n", at)
        number, length = map(int, joined[at:end].split())
        yield number, joined[end + 1 : end + 1 + length]
        at = end + 1 + length
