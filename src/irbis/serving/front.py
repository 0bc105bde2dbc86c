"""A front: one function behind one address, from start to drain."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

from irbis.serving.app import App
from irbis.serving.batcher import Batcher, Serve
from irbis.serving.message import Request
from irbis.serving.metrics import Metrics
from irbis.serving.reply_maker import ReplyMaker
from irbis.serving.request_parser import RequestParser
from irbis.serving.server import Server
from irbis.serving.settings import FrontSettings

__all__ = ["Front", "new_event_loop"]

log = logging.getLogger("irbis.serving")


class Front:
    """A running front; its coroutines and methods belong to one event loop.

    Parameters
    ----------
    serve : callable
        From values and their requests to replies; see :class:`irbis.serving.batcher.Batcher`.
    parser : RequestParser
    reply : ReplyMaker
    settings : FrontSettings
    pure : bool
        Whether `serve` may be tried on a value that nobody sent.
    """

    def __init__(
        self,
        serve: Serve,
        parser: RequestParser,
        reply: ReplyMaker,
        settings: FrontSettings,
        *,
        pure: bool = True,
    ) -> None:
        self.serve, self.parser, self.settings = serve, parser, settings
        self.metrics = Metrics()
        self.batcher = self.make_queue()
        self.fronts: list[str] = []
        self.app = App(self.batcher, parser, reply, settings, self.metrics, lambda: self.fronts)
        self.server = Server(self.app, settings, self.metrics, self.app.route)
        self.warm = pure and settings.warm_up
        self.port = 0

    def make_queue(self) -> Any:
        """Make what holds requests until they are answered: a Batcher, or what looks like one."""
        return Batcher(self.serve, self.settings, self.metrics)

    async def start(self, *, shared: bool = False) -> str:
        """Listen, load what is heavy, become ready; returns the address."""
        self.port = await self.server.start(shared=shared)
        if self.warm:
            await asyncio.get_running_loop().run_in_executor(None, self._try)
        self.app.ready = True
        self.fronts = self.fronts or [self.address]
        return self.address

    @property
    def address(self) -> str:
        """Where it answers."""
        scheme = "https" if self.settings.tls_cert else "http"
        host = self.settings.host
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}/{self.settings.name}"

    def _try(self) -> None:
        # Twice: the second time tells how long a batch takes once all is loaded.
        try:
            value = self.parser.sample()
            request = Request("POST", f"/{self.settings.name}", [])
            for _ in range(2):
                began = monotonic()
                self.serve([value], [request])
                if self.settings.execution == "auto":
                    self.batcher.seconds = monotonic() - began
        except Exception as error:  # a made-up value need not be one that the stages like
            log.debug("the model was not warmed up: %r", error)

    async def drain(self) -> None:
        """Take no more requests, answer those there are, then close the socket."""
        self.app.draining = True
        until = monotonic() + self.settings.drain_timeout
        while not self.batcher.idle and monotonic() < until:  # noqa: ASYNC110 (once in a life)
            await asyncio.sleep(0.005)
        self.batcher.close()
        self.server.draining = True
        await self.server.stop()

    def progress(self) -> dict[str, Any]:
        """Numbers of the front, as a query's lastProgress shows them."""
        latency = self.metrics.latency
        return {
            "requests": latency.count,
            "seconds": latency.sum,
            "errors": sum(n for (_, s), n in self.metrics.requests.items() if s >= 500),
            "inFlight": self.batcher.in_flight,
            "queue": len(self.batcher.waiting),
            "ready": self.app.ready and not self.app.draining,
        }


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Make uvloop's event loop, or Python's where there is no uvloop."""
    factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    try:
        import uvloop
    except ModuleNotFoundError:
        return factory()
    made: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return made
