"""HTTP/2 where the server offers it, through httpx2; HTTP/1.1 where it does not."""

from __future__ import annotations

import httpx2

from irbis.http.engine import SendError
from irbis.http.environment import proxy_for, start_of, tls_context
from irbis.http.request import HTTPRequest
from irbis.http.response import HTTPResponse
from irbis.http.secrets import origin
from irbis.http.settings import Settings

__all__ = ["Httpx2Engine"]

_IDLE = 200  # connections: a crawl over many hosts must not run out of file handles


class Httpx2Engine:
    """See :class:`irbis.http.engine.Engine`."""

    def __init__(self) -> None:
        self.context = tls_context()
        self.clients: dict[str | None, httpx2.AsyncClient] = {}

    async def close(self) -> None:
        """Close all connections."""
        for client in self.clients.values():
            await client.aclose()

    def _client(self, proxy: str | None) -> httpx2.AsyncClient:
        if proxy not in self.clients:
            self.clients[proxy] = httpx2.AsyncClient(
                http2=True,
                verify=self.context,
                limits=httpx2.Limits(max_connections=None, max_keepalive_connections=_IDLE),
                proxy=proxy,
                trust_env=False,  # read by proxy_for and tls_context, the same for both engines
            )
        return self.clients[proxy]

    async def send(self, request: HTTPRequest, settings: Settings) -> HTTPResponse:
        """Send one request and read the whole answer."""
        client = self._client(proxy_for(start_of(request.url)))
        client.cookies.clear()  # they would tie rows together
        timeout = httpx2.Timeout(
            None,
            connect=settings.connect_timeout,
            read=settings.read_timeout,
            write=settings.read_timeout,
        )
        try:
            async with client.stream(
                request.method,
                request.url,
                content=request.body,
                headers=list(request.headers),
                follow_redirects=False,
                timeout=timeout,
            ) as answer:
                content = await _read(answer, settings.max_response_bytes)
                return HTTPResponse(
                    answer.status_code,
                    answer.reason_phrase,
                    tuple(answer.headers.multi_items()),
                    content,
                    (2, 0) if answer.http_version == "HTTP/2" else (1, 1),
                    url=request.url,
                )
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            raise _explained(error, request.url, settings) from None


async def _read(answer: httpx2.Response, limit: int) -> bytes:
    content = bytearray()
    async for part in answer.aiter_bytes():
        content += part
        if len(content) > limit:
            raise SendError("too_large", f"an answer of more than maxResponseBytes={limit}")
    return bytes(content)


# First match counts. Unsent: the server can't have seen the request.
_FAULTS: list[tuple[tuple[type[Exception], ...], str, str, bool]] = [
    ((httpx2.ConnectTimeout,), "timeout", "no connection to {where} within {connect:g} s", True),
    ((httpx2.TimeoutException,), "timeout", "nothing from {where} for {silence:g} s", False),
    ((httpx2.ConnectError, httpx2.ProxyError), "connect", "no connection to {where}", True),
    ((httpx2.InvalidURL, httpx2.UnsupportedProtocol), "request", "invalid address", True),
    ((httpx2.DecodingError,), "protocol", "{where} sent a body that does not decompress", False),
    ((httpx2.NetworkError, OSError), "disconnected", "{where} closed the connection", False),
]


def _explained(error: Exception, url: str, settings: Settings) -> SendError:
    # Never str(error) in the message: it may repeat addresses and headers.
    where, text = origin(url), str(error)
    if isinstance(error, httpx2.ConnectError) and "SSL" in text:
        return SendError("tls", f"TLS with {where} failed", unsent=True)
    if isinstance(error, httpx2.RemoteProtocolError):
        dropped = "disconnected" in text or "complete" in text or "terminated" in text
        kind = "disconnected" if dropped else "protocol"
        return SendError(kind, f"{where} ended its answer early or broke the protocol")
    for types, kind, said, unsent in _FAULTS:
        if isinstance(error, types):
            filled = said.format(
                where=where, connect=settings.connect_timeout, silence=settings.read_timeout
            )
            return SendError(kind, filled, unsent=unsent)
    return SendError("protocol", f"{where}: {type(error).__name__}")
