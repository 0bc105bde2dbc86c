"""The page's web server: a few files, thumbnails, and server-sent events. Standard library only."""

from __future__ import annotations

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from irbis.errors import EngineError
from irbis.monitor.page_feed import PageFeed

__all__ = ["PageServer"]

_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/chart.js": ("chart.js", "text/javascript; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
# Nothing from elsewhere, and nothing that a name of a picture could smuggle in.
_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
_WATCHERS = 64


class PageServer:
    """Serves a feed over HTTP.

    Parameters
    ----------
    feed : PageFeed
    host : str
    port : int
        0: any that is free.

    Raises
    ------
    EngineError
        If the port is taken.
    """

    def __init__(self, feed: PageFeed, host: str, port: int) -> None:
        self.feed = feed
        try:
            self._server = _Server((host, port), _Handler)
        except OSError as error:
            raise EngineError(
                f"{host}:{port}: {error.strerror}", expected="a free port", do="choose another"
            ) from None
        self._server.feed = feed
        shown = f"[{host}]" if ":" in host else host
        self.address = f"http://{shown}:{self._server.server_address[1]}"

    def start(self) -> None:
        """Answer in a thread."""
        self.feed.start()
        threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="irbis-page-server", daemon=True
        ).start()

    def stop(self) -> None:
        """Close every connection."""
        self.feed.stop()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    feed: PageFeed

    def __init__(self, *args: Any) -> None:
        self.watchers = threading.BoundedSemaphore(_WATCHERS)
        super().__init__(*args)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a viewer that goes is no error of ours."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 30

    def do_GET(self) -> None:
        """Answer a request."""
        path = urlsplit(self.path).path
        if path in _FILES:
            name, type_ = _FILES[path]
            self._send((files("irbis.monitor") / "page" / name).read_bytes(), type_)
        elif path == "/events":
            self._events()
        elif path == "/state.json":
            self._send(self.server.feed.wait(-1)[1].encode(), "application/json")
        elif path.startswith("/thumbnails/"):
            found = self.server.feed.thumbnail(path.removeprefix("/thumbnails/"))
            if found is None:
                self._send(b"", "text/plain", HTTPStatus.NOT_FOUND)
            else:
                # By batch and place: it never changes.
                self._send(found, "image/jpeg", cache="private, max-age=86400, immutable")
        else:
            self._send(b"not found", "text/plain", HTTPStatus.NOT_FOUND)

    do_HEAD = do_GET

    def _send(
        self,
        body: bytes,
        type_: str,
        status: HTTPStatus = HTTPStatus.OK,
        cache: str = "no-cache",
    ) -> None:
        self.send_response(status)
        self._headers(type_, cache)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _headers(self, type_: str, cache: str) -> None:
        self.send_header("Content-Type", type_)
        self.send_header("Cache-Control", cache)
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")

    def _events(self) -> None:
        if not self.server.watchers.acquire(blocking=False):
            self._send(b"too many viewers", "text/plain", HTTPStatus.SERVICE_UNAVAILABLE)
            return
        try:
            self.close_connection = True
            self.send_response(HTTPStatus.OK)
            self._headers("text/event-stream", "no-store")
            self.end_headers()
            feed, version = self.server.feed, -1
            self.wfile.write(b"retry: 1000\n\n")
            while not feed.ended:
                found, text = feed.wait(version)
                event = f"id: {found}\ndata: {text}\n\n" if found != version else ": still here\n\n"
                version = found
                self.wfile.write(event.encode())
                self.wfile.flush()
        except OSError:
            pass  # the viewer went
        finally:
            self.server.watchers.release()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        """Log nothing: what is shown is nobody's business."""
