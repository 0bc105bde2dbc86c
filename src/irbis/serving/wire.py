"""HTTP/1.1 on one connection: bytes to requests and replies to bytes, within limits.

The parser is httptools (llhttp, of Node.js). Why no ASGI server: docs/serving.md has the figures, and
uvicorn on httptools bounds neither the size of headers nor the time they take.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any

from irbis.extras import require
from irbis.serving.message import Reply, Request, problem

if TYPE_CHECKING:
    from irbis.serving.server import Server

__all__ = ["Connection"]

# Requests a client may send ahead on one connection before it is no longer read.
_AHEAD = 16
# Seconds that a refused client has to read the reply.
_LINGER = 1.0


class Connection(asyncio.Protocol):
    """One connection. Replies leave in the order of the requests.

    Parameters
    ----------
    server : Server
        Its settings, its clock, and the handler of whole requests.
    """

    def __init__(self, server: Server) -> None:
        self.server, self.settings = server, server.settings
        self.make_parser = require("httptools", "serving").HttpRequestParser
        self.parser: Any = self.make_parser(self)
        self.transport: Any = None
        self.waiting: deque[tuple[Request | Reply, bool]] = deque()
        #: Cancels the request under way, if the client goes.
        self.cancel: Callable[[], None] | None = None
        self.busy = self.closing = self.paused = self.refused = False
        self.state = "idle"  # idle, head, body: what the next bytes belong to
        self.since = monotonic()
        self.head_bytes = self.raw_bytes = 0
        self.parts: list[bytes] = []
        self.served = 0

    # -- asyncio ----------------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        """Take the connection, or refuse it with 503 if there are too many."""
        self.transport = transport
        self.server.connections.add(self)
        if len(self.server.connections) > self.settings.max_connections:
            self._refuse(
                problem(503, "too many connections", retry_after=self.settings.retry_after)
            )

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection; nobody waits for the reply any more."""
        del exc
        self.closing = True
        self.server.connections.discard(self)
        self.waiting.clear()
        if self.cancel is not None:
            self.cancel()

    def data_received(self, data: bytes) -> None:
        """Feed the parser."""
        if self.closing or self.refused:
            return
        if self.state == "idle":
            self.state, self.since = "head", monotonic()
        if self.state == "head":
            self.head_bytes += len(data)
        parts = self.parts if self.state == "body" else None
        try:
            self.parser.feed_data(data)
        except Exception as error:
            self._broken(error, data)
            return
        if self.state == "body" and parts is self.parts:  # all of it, of one request
            self.raw_bytes += len(data)
            # Chunks of one byte take eight times as many; extensions and trailers have no end.
            if self.raw_bytes > 9 * self.body_bytes + self.settings.max_header_bytes + 65536:
                self._refuse(problem(400, "more between the chunks than in them"))
        if self.state == "head" and self.head_bytes > self.settings.max_header_bytes:
            self._refuse(problem(431, self._too_long))
        elif len(self.waiting) >= _AHEAD and not self.paused:
            self.paused = True
            self.transport.pause_reading()

    def pause_writing(self) -> None:
        """Note when the client stopped reading; the sweep closes it in the end."""
        self.stuck_since = monotonic()

    def resume_writing(self) -> None:
        """Note that it reads again."""
        self.stuck_since = 0.0

    stuck_since = 0.0

    # -- httptools --------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins."""
        self.url = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.parts = []
        self.body_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Collect the target, which may come in parts."""
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collect a header."""
        if self.state != "body":  # trailers are not read
            self.headers.append((name.lower(), value or b""))

    def on_headers_complete(self) -> None:
        """Refuse what can be refused before the body comes."""
        if self._offered():
            return
        self.state, self.head_bytes, self.raw_bytes = "body", 0, 0
        size = len(self.url) + sum(len(n) + len(v) + 4 for n, v in self.headers)
        if size > self.settings.max_header_bytes:
            self._refuse(problem(431, self._too_long))
            return
        found = dict(self.headers)
        version = self.parser.get_http_version()
        hosts = sum(name == b"host" for name, _ in self.headers)
        if version == "1.1" and hosts != 1:
            self._refuse(problem(400, "expected one Host header"))
        elif b"content-length" in found and (
            int(found[b"content-length"]) > self.settings.max_body_bytes
        ):
            self._refuse(problem(413, self._too_large))
        elif found.get(b"expect", b"").lower() == b"100-continue" and not self.busy:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """Collect the body, which may come in chunks of unknown number."""
        if self.refused:
            return
        self.body_bytes += len(body)
        if self.body_bytes > self.settings.max_body_bytes:
            self._refuse(problem(413, self._too_large))
        else:
            self.parts.append(body)

    def on_message_complete(self) -> None:
        """Hand the request on, or keep it until the one before it is answered."""
        if self._offered():
            return
        self.state, self.head_bytes, self.since = "idle", 0, monotonic()
        if self.refused or self.closing:
            return
        body = self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)
        self.parts = []
        keep = self.parser.should_keep_alive() and not self.parser.should_upgrade()
        request = Request(
            self.parser.get_method().decode("latin-1"),
            self.url.decode("latin-1"),
            self.headers,
            body,
            self.parser.get_http_version(),
        )
        if self.busy or self.waiting:
            self.waiting.append((request, keep))
        else:
            self._start(request, keep)

    # -- replies ----------------------------------------------------------------------------------

    def _start(self, request: Request | Reply, keep: bool) -> None:
        self.busy, self.keep = True, keep
        if isinstance(request, Reply):
            self.request: Request | None = None
            self._finish(request)
        else:
            self.request = request
            self.began = monotonic()
            cancel = self.server.handle(request, self.answer)
            if self.busy and self.request is request:
                self.cancel = cancel

    def answer(self, reply: Reply) -> None:
        """Send the reply to the request under way; a second one would be ignored."""
        if not self.busy or self.closing:
            return
        self.cancel = None
        self._finish(reply)
        while self.waiting and not self.busy and not self.closing:
            self._start(*self.waiting.popleft())
        if self.paused and len(self.waiting) < _AHEAD // 2 and not self.closing:
            self.paused = False
            self.transport.resume_reading()

    def _finish(self, reply: Reply) -> None:
        keep = self.keep and not self.server.draining
        request, self.busy = self.request, False
        self.served += 1
        extra = self.server.date if keep else f"{self.server.date}connection: close\r\n"
        if request is not None:
            self.server.count(request, reply, monotonic() - self.began)
            if request.version == "1.0" and keep:
                extra += "connection: keep-alive\r\n"
        head = reply.head(extra)
        body = reply.body
        if (request is not None and request.method == "HEAD") or reply.status in (204, 304):
            body = b""
        self.transport.write(head + body if len(body) < 65536 else head)
        if len(body) >= 65536:
            self.transport.write(body)
        self.since = monotonic() if self.state == "idle" else self.since
        if not keep:
            self.close()

    def _refuse(self, reply: Reply) -> None:
        """Answer what is not read to its end, behind what came before it, and close."""
        if self.refused or self.closing:
            return
        self.refused = True
        self.parts = []
        if self.busy or self.waiting:
            self.waiting.append((reply, False))
            if not self.paused:
                self.paused = True
                self.transport.pause_reading()
        else:
            self._start(reply, keep=False)

    def _offered(self) -> bool:
        """Whether the request offers another protocol, as Java's client does: HTTP/2, each time."""
        return bool(self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT")

    def _broken(self, error: Exception, data: bytes) -> None:
        if type(error).__name__ != "HttpParserUpgrade":
            self._refuse(problem(400, "not valid HTTP/1.1"))
            return
        if not self._offered():  # CONNECT, which has been handed on
            return
        # httptools reads no further, not even the body: once more, without the offer.
        rest = data[error.args[0] :]
        line = self.parser.get_method() + b" " + self.url + b" HTTP/1.1"
        kept = [n + b": " + v for n, v in self.headers if n not in (b"upgrade", b"connection")]
        self.parser, self.state = self.make_parser(self), "head"
        self.data_received(b"\r\n".join([line, *kept, b"", b""]) + rest)

    @property
    def _too_long(self) -> str:
        return f"request line and headers of more than {self.settings.max_header_bytes} bytes"

    @property
    def _too_large(self) -> str:
        return f"a body of more than {self.settings.max_body_bytes} bytes"

    # -- time -------------------------------------------------------------------------------------

    def sweep(self, now: float) -> None:
        """Close what takes too long: headers or a body that drip, a client that does not read."""
        settings = self.settings
        if self.stuck_since and now - self.stuck_since > settings.write_timeout:
            self.closing = True
            self.transport.abort()
        elif self.busy or self.closing:
            return
        elif self.state == "head" and now - self.since > settings.header_timeout:
            self._refuse(problem(408, "headers took too long"))
        elif self.state == "body" and now - self.since > settings.body_timeout:
            self._refuse(problem(408, "the body took too long"))
        elif self.state == "idle":
            allowed = settings.keep_alive if self.served else settings.header_timeout
            if now - self.since > allowed:
                self.close()

    def close(self) -> None:
        """Close the connection once what was written has left."""
        if self.closing:
            return
        self.closing = True
        if self.refused and self.transport.can_write_eof():
            # A socket closed on bytes nobody read is reset, and the reply with it: let them come.
            self.transport.write_eof()
            self.transport.resume_reading()
            asyncio.get_running_loop().call_later(_LINGER, self.transport.close)
        else:
            self.transport.close()
