"""What the environment says of proxies and certificates."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

__all__ = ["proxy_for", "tls_context"]


def tls_context() -> ssl.SSLContext:
    """TLS settings: the system's certificates, and those of a custom authority.

    SSL_CERT_FILE and SSL_CERT_DIR replace the system's, as OpenSSL has it; a file or folder named by
    REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE is added.
    """
    context = ssl.create_default_context()
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        path = os.environ.get(name)
        if path and Path(path).is_dir():
            context.load_verify_locations(capath=path)
        elif path:
            context.load_verify_locations(cafile=path)
    return context


def proxy_for(url: str) -> str | None:
    """Proxy that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY name for an address.

    Loopback addresses never go through one.

    Examples
    --------
    >>> proxy_for("http://localhost/") is None
    True
    """
    parts = urlsplit(url)
    return _proxy(parts.scheme, parts.hostname or "", tuple(map(os.environ.get, _NAMES)))


_WORDS = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_NAMES = (*_WORDS, *(word.upper() for word in _WORDS))


@lru_cache(maxsize=1024)
def _proxy(scheme: str, host: str, _environment: tuple[str | None, ...]) -> str | None:
    known = getproxies()
    found = known.get(scheme) or known.get("all")
    loopback = host in ("localhost", "::1") or host.startswith("127.")
    if found is None or loopback or proxy_bypass(host):
        return None
    return found if "://" in found else f"http://{found}"
