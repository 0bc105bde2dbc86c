"""What sends one request: an engine for each protocol, one of each in a process.

aiohttp speaks HTTP/1.1 and is the default; httpx2 also speaks HTTP/2, which is negotiated with the
server (ALPN) and falls back to HTTP/1.1. docs/http.md says why these two.
"""

from __future__ import annotations

import os
from typing import Protocol

from irbis.extras import require
from irbis.http.loop import at_close
from irbis.http.request import HTTPRequest
from irbis.http.response import HTTPResponse
from irbis.http.settings import Settings

__all__ = ["Engine", "SendError", "engine", "prepare"]


class SendError(Exception):
    """One attempt failed.

    Parameters
    ----------
    kind, message : str
        As in :class:`irbis.http.failure.Failure`.
    unsent : bool, default False
        The server can't have seen the request: any method may be sent again.
    """

    def __init__(self, kind: str, message: str, *, unsent: bool = False) -> None:
        super().__init__(kind, message)
        self.kind, self.message, self.unsent = kind, message, unsent


class Engine(Protocol):
    """Sends one request and reads the whole answer; follows no redirect, repeats nothing."""

    async def send(self, request: HTTPRequest, settings: Settings) -> HTTPResponse:
        """Send a request.

        Raises
        ------
        SendError
        """

    async def close(self) -> None:
        """Close all connections."""


_engines: dict[tuple[int, bool], Engine] = {}


def prepare(settings: Settings) -> None:
    """Import what the engine needs.

    Raises
    ------
    MissingExtraError
    """
    if settings.http2:
        require("httpx2", extra="http2")
        require("h2", extra="http2")
    else:
        require("aiohttp", extra="http")
    require("tenacity", extra="http")


def engine(settings: Settings) -> Engine:
    """Return this process's engine; call it on the loop."""
    # By process: what a fork copied belongs to a loop that does not run here.
    key = (os.getpid(), settings.http2)
    if key not in _engines:
        made: Engine
        if settings.http2:
            from irbis.http.httpx2_engine import Httpx2Engine

            made = Httpx2Engine()
        else:
            from irbis.http.aiohttp_engine import AiohttpEngine

            made = AiohttpEngine()
        _engines[key] = made
        at_close(made.close)
    return _engines[key]
