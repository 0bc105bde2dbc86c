"""What the environment says of proxies and certificates."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from irbis.http.engine import SendError
from irbis.http.failure import InvalidRequestError
from irbis.http.request import check_url

__all__ = ["proxy_for", "start_of", "tls_context"]


def tls_context() -> ssl.SSLContext:
    """TLS settings: the system's certificates, and those of a custom authority.

    SSL_CERT_FILE and SSL_CERT_DIR replace the system's, as OpenSSL has it; a file or folder named by
    REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE is added.

    Raises
    ------
    SendError
        If there are no certificates where they should be.
    """
    context = ssl.create_default_context()
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        path = os.environ.get(name)
        try:
            if path and Path(path).is_dir():
                context.load_verify_locations(capath=path)
            elif path:
                context.load_verify_locations(cafile=path)
        except OSError:  # ssl.SSLError is one
            raise SendError("tls", f"{name} names no readable certificates", unsent=True) from None
    return context


@lru_cache(maxsize=1)
def _proxies(_pid: int) -> dict[str, str]:
    return getproxies()


@lru_cache(maxsize=4096)
def proxy_for(start: str) -> str | None:
    """Proxy that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY name for scheme://host:port.

    The environment is read once a process: doing it for each request would cost as much as sending
    it. Loopback addresses never go through a proxy.

    Raises
    ------
    SendError
        If the environment names no http or https proxy: SOCKS is not spoken.

    Examples
    --------
    >>> proxy_for("http://localhost") is None
    True
    """
    parts = urlsplit(start)
    host, known = parts.hostname or "", _proxies(os.getpid())
    found = known.get(parts.scheme) or known.get("all")
    loopback = host in ("localhost", "::1") or host.startswith("127.")
    if found is None or loopback or proxy_bypass(host):
        return None
    found = found if "://" in found else f"http://{found}"
    try:
        check_url(found)
    except InvalidRequestError:
        text = "the proxy that the environment names is no http or https address"
        raise SendError("connect", text, unsent=True) from None
    return found


def start_of(url: str) -> str:
    """Scheme, host and port as they stand in a checked address.

    Examples
    --------
    >>> start_of("http://api.example:81?q=1"), start_of("https://api.example/a?b=http://c/")
    ('http://api.example:81', 'https://api.example')
    """
    scheme, mark, rest = url.partition("://")
    for end in "/?#":
        rest = rest.partition(end)[0]
    return scheme + mark + rest
