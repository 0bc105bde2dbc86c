"""A listening socket, its connections, and how they end."""

from __future__ import annotations

import asyncio
import hmac
import logging
import socket
import ssl
from collections.abc import Callable
from email.utils import formatdate
from time import monotonic
from typing import Any

from irbis.errors import ParamError
from irbis.serving.batcher import Cancel, Respond
from irbis.serving.message import Reply, Request, problem
from irbis.serving.metrics import Metrics
from irbis.serving.settings import FrontSettings
from irbis.serving.wire import Connection

__all__ = ["App", "Server"]

App = Callable[[Request, Respond], Cancel | None]

access = logging.getLogger("irbis.serving.access")
# Probes carry no token.
_OPEN = ("/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready")


class Server:
    """HTTP for an app; every method is called in the event loop's thread.

    Parameters
    ----------
    app : callable
        Takes a request and a function to be called once with the reply; returns what cancels it.
    settings : FrontSettings
    metrics : Metrics
    routes : callable
        Path to the name that metrics have for it: few names, whatever clients ask for.
    """

    def __init__(
        self,
        app: App,
        settings: FrontSettings,
        metrics: Metrics,
        routes: Callable[[str], str],
    ) -> None:
        self.app, self.settings, self.metrics, self.routes = app, settings, metrics, routes
        self.connections: set[Connection] = set()
        self.draining = False
        self.token = None if settings.token is None else f"Bearer {settings.token}".encode()
        self.listening: Any = None
        self.sweeping: asyncio.Task[None] | None = None
        self.date = ""
        metrics.gauges.append(
            ("irbis_connections", "Open connections.", lambda: float(len(self.connections)))
        )

    async def start(self, *, shared: bool = False) -> int:
        """Listen; returns the port.

        Parameters
        ----------
        shared : bool, default False
            Several processes may listen on the port (SO_REUSEPORT).

        Raises
        ------
        ParamError
            If the address can't be had.
        """
        settings = self.settings
        self._tick()
        loop = asyncio.get_running_loop()
        context = _tls(settings)
        options: dict[str, Any] = {}
        if context is not None:
            options = {"ssl": context, "ssl_handshake_timeout": settings.header_timeout}
        sock = _socket(settings, shared=shared)
        self.listening = await loop.create_server(
            lambda: Connection(self), sock=sock, backlog=1024, **options
        )
        self.sweeping = loop.create_task(self._sweep())
        return int(sock.getsockname()[1])

    def handle(self, request: Request, respond: Respond) -> Cancel | None:
        """Check who asks, and hand the request to the app."""
        origins = self.settings.cors_origins
        if origins and (origin := request.header(b"origin")) is not None:
            known = origin.decode("latin-1")
            if known in origins or "*" in origins:
                respond = _with_cors(respond, known)
                if request.method == "OPTIONS":
                    respond(Reply(204))
                    return None
        if self.token is not None and request.path not in _OPEN:
            given = request.header(b"authorization") or b""
            if not hmac.compare_digest(given, self.token):
                challenge = [("www-authenticate", "Bearer")]
                respond(problem(401, "expected a bearer token", headers=challenge))
                return None
        return self.app(request, respond)

    def count(self, request: Request, reply: Reply, seconds: float) -> None:
        """Count a request that was answered."""
        route = self.routes(request.target)
        self.metrics.requests[route, reply.status] += 1
        if route == "api":
            self.metrics.latency.observe(seconds)
        if self.settings.access_log:
            path = request.path.encode("unicode_escape").decode()
            access.info("%s %s %d %.6f", request.method, path, reply.status, seconds)

    def _tick(self) -> None:
        self.date = f"date: {formatdate(usegmt=True)}\r\n"

    async def _sweep(self) -> None:
        settings = self.settings
        shortest = min(settings.header_timeout, settings.body_timeout, settings.keep_alive, 4.0)
        while True:
            await asyncio.sleep(min(shortest / 4, 0.5))
            self._tick()
            now = monotonic()
            for connection in list(self.connections):
                connection.sweep(now)

    async def stop(self) -> None:
        """Close the socket and all connections, what was written first."""
        if self.sweeping is not None:
            self.sweeping.cancel()
        if self.listening is not None:
            self.listening.close()
        for connection in list(self.connections):
            connection.close()
        until = monotonic() + 2.0
        while self.connections and monotonic() < until:  # noqa: ASYNC110 (once in a life)
            await asyncio.sleep(0.01)
        for connection in list(self.connections):
            connection.transport.abort()


def _with_cors(respond: Respond, origin: str) -> Respond:
    def answer(reply: Reply) -> None:
        allowed = [
            ("access-control-allow-origin", origin),
            ("vary", "Origin"),
            ("access-control-allow-methods", "GET, POST"),
            ("access-control-allow-headers", "authorization, content-type, traceparent"),
        ]
        reply.headers = [*reply.headers, *allowed]
        respond(reply)

    return answer


def _socket(settings: FrontSettings, *, shared: bool) -> socket.socket:
    try:
        found = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, address = found[0]
        sock = socket.socket(family, kind, protocol)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared and hasattr(socket, "SO_REUSEPORT"):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.setblocking(False)
        sock.bind(address)
    except OSError as error:
        raise ParamError(
            f"{settings.host}:{settings.port} ({error.strerror or error})",
            expected="an address of this machine that is free",
            do="choose another port, or port 0 for any",
        ) from None
    return sock


def _tls(settings: FrontSettings) -> ssl.SSLContext | None:
    if settings.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
        if settings.tls_ca is not None:
            context.load_verify_locations(settings.tls_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except OSError as error:
        raise ParamError(
            f"tlsCert={settings.tls_cert!r}, tlsKey={settings.tls_key!r} ({error})",
            expected="PEM files of a certificate and its key",
        ) from None
    return context
