"""HTTP/1.1 through aiohttp: pooled keep-alive connections, one session for the whole process."""

from __future__ import annotations

import asyncio
import io
import os
import time
from functools import lru_cache

import aiohttp
from aiohttp import http_exceptions
from multidict import CIMultiDict
from yarl import URL

from irbis.http.engine import SendError
from irbis.http.environment import proxy_for, start_of, tls_context
from irbis.http.kept import KEEP_ALIVE, KeptHosts
from irbis.http.request import HTTPRequest
from irbis.http.response import HTTPResponse
from irbis.http.secrets import origin
from irbis.http.settings import Settings

__all__ = ["AiohttpEngine"]

_LARGE = 1 << 20  # aiohttp writes larger bytes in one piece, unless they come as a file


class _DroppedError(aiohttp.ClientError):
    """The connection ended; under this name aiohttp does not silently send the request again."""


async def _send_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    # A hidden second request would make `attempts` a lie.
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError):
        raise
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
        raise _DroppedError from error


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    # Cookies would tie rows together.
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("Content-Type",),
        middlewares=(_send_once,),
    )


class AiohttpEngine:
    """See :class:`irbis.http.engine.Engine`."""

    def __init__(self) -> None:
        # The number of connections in use is bounded by `concurrency`.
        tls = tls_context()
        kept = aiohttp.TCPConnector(limit=0, ssl=tls, keepalive_timeout=KEEP_ALIVE)
        self.kept = _session(kept)
        self.passing = _session(aiohttp.TCPConnector(limit=0, ssl=tls, force_close=True))
        self.hosts = KeptHosts()

    async def close(self) -> None:
        """Close all connections."""
        await self.kept.close()
        await self.passing.close()

    async def send(self, request: HTTPRequest, settings: Settings) -> HTTPResponse:
        """Send one request and read the whole answer."""
        body = request.body
        data = io.BytesIO(body) if body is not None and len(body) > _LARGE else body
        start = start_of(request.url)
        proxy = proxy_for(start)
        session = self.kept if self.hosts.keeps(start, time.monotonic()) else self.passing
        try:
            async with session.request(
                request.method,
                # As it was given: quoting anew would break signed addresses.
                URL(request.url, encoded=request.url.isascii()),
                data=data,
                headers=CIMultiDict(request.headers),
                allow_redirects=False,
                proxy=proxy,
                timeout=_timeouts(settings.connect_timeout, settings.read_timeout),
            ) as answer:
                content = await _read(answer, settings.max_response_bytes)
                version = answer.version
                return HTTPResponse(
                    answer.status,
                    _sound(answer.reason or ""),
                    tuple((n, _sound(v)) for n, v in answer.headers.items()),
                    content,
                    (version.major, version.minor) if version else (1, 1),
                    url=request.url,
                )
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise _explained(error, request.url, settings) from None


@lru_cache(maxsize=64)
def _timeouts(connect: float, silence: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, connect=connect, sock_read=silence)


async def _read(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    length, packed = answer.content_length, "Content-Encoding" in answer.headers
    if length is not None and length > limit:
        answer.close()
        raise SendError("too_large", f"an answer of {length} bytes; maxResponseBytes is {limit}")
    if length is not None and not packed:
        return await answer.read()
    content = bytearray()
    async for part in answer.content.iter_any():
        content += part
        if len(content) > limit:
            answer.close()
            raise SendError("too_large", f"an answer of more than maxResponseBytes={limit}")
    return bytes(content)


def _sound(text: str) -> str:
    # Bytes that are not UTF-8 reach us as half characters, which Arrow refuses.
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


# First match counts. Unsent: the server can't have seen the request.
_FAULTS: list[tuple[tuple[type[Exception], ...], str, str, bool]] = [
    (
        (aiohttp.ConnectionTimeoutError,),
        "timeout",
        "no connection to {where} within {connect:g} s",
        True,
    ),
    ((asyncio.TimeoutError,), "timeout", "nothing from {where} for {silence:g} s", False),
    (
        (aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError),
        "tls",
        "TLS with {where}: {why}",
        True,
    ),
    ((aiohttp.ClientProxyConnectionError,), "connect", "no connection to the proxy: {why}", True),
    ((aiohttp.ClientHttpProxyError,), "connect", "the proxy refused to connect to {where}", True),
    ((aiohttp.ClientConnectorError,), "connect", "no connection to {where}: {why}", True),
    ((aiohttp.InvalidURL,), "request", "invalid address", True),
    ((aiohttp.ClientResponseError,), "protocol", "{where} answered what is not HTTP", False),
    (
        (_DroppedError, aiohttp.ClientConnectionError, OSError),
        "disconnected",
        "{where} closed the connection before its answer",
        False,
    ),
]


def _explained(error: Exception, url: str, settings: Settings) -> SendError:
    # Never str(error): aiohttp's messages repeat addresses and headers.
    where = origin(url)
    if isinstance(error, aiohttp.ClientPayloadError):
        return _payload(error, where)
    for types, kind, text, unsent in _FAULTS:
        if isinstance(error, types):
            said = text.format(
                where=where,
                why=_reason(error),
                connect=settings.connect_timeout,
                silence=settings.read_timeout,
            )
            return SendError(kind, said, unsent=unsent)
    return SendError("protocol", f"{where}: {type(error).__name__}")


def _reason(error: Exception) -> str:
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None)
    said = getattr(cause, "verify_message", "") or getattr(cause, "reason", "")
    number = getattr(cause, "errno", None)  # the system's own text repeats the address
    return str(said) if said else os.strerror(number) if number and number > 0 else "no such host"


def _payload(error: BaseException, where: str) -> SendError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, http_exceptions.ContentEncodingError):
            return SendError("protocol", f"{where} sent a body that does not decompress")
        if isinstance(cause, http_exceptions.TransferEncodingError) and not isinstance(
            cause, http_exceptions.ContentLengthError
        ):
            return SendError("protocol", f"{where} sent a body in broken chunks")
        cause = cause.__cause__ or cause.__context__
    return SendError("disconnected", f"{where} closed the connection within its answer")
