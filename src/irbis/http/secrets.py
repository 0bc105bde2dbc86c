"""What may be shown of an address, a header, a text: nothing that could be a secret.

Header values, the user and password of an address and the values in its query are taken for
secrets, all of them: which ones are, nobody can tell by looking.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

__all__ = ["HIDDEN", "HiddenValues", "is_redacted", "origin", "redact_url", "scrub"]

HIDDEN = "***"
_SHORTEST = 4  # shorter values stand in any text by chance
_PUBLIC = {"accept", "accept-encoding", "content-type", "user-agent", "content-length", "host"}


class HiddenValues(dict[str, str]):
    """A dict of strings that prints its keys only."""

    def __repr__(self) -> str:
        return repr(dict.fromkeys(self, HIDDEN))

    __str__ = __repr__


def origin(url: str) -> str:
    """Scheme, host and port: all that a message says of an address.

    Examples
    --------
    >>> origin("https://user:pw@api.example:8443/hook/T0P?code=secret")
    'https://api.example:8443'
    """
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an invalid address"
    return f"{parts.scheme}://{parts.hostname or ''}{port}"


def redact_url(url: str) -> str:
    """Address without user, password and the values of its query.

    Examples
    --------
    >>> redact_url("https://user:pw@api.example/v1?code=secret&n=5")
    'https://***@api.example/v1?code=***&n=***'
    >>> redact_url("https://api.example/v1")
    'https://api.example/v1'
    """
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return "an invalid address"
    host = f"{HIDDEN}@{parts.netloc.rpartition('@')[2]}" if "@" in parts.netloc else parts.netloc
    query = "&".join(f"{quote(name)}={HIDDEN}" for name, _ in pairs)
    if parts.query and not pairs:
        query = HIDDEN
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


def is_redacted(url: str) -> bool:
    """Whether an address has lost its secrets: it was saved, and must be set again."""
    parts = urlsplit(url)
    return (
        parts.netloc.startswith(f"{HIDDEN}@")
        or f"={HIDDEN}" in parts.query
        or (parts.query == HIDDEN)
    )


def scrub(text: str, secrets: Iterable[str]) -> str:
    """Replace every secret in a text that somebody else wrote."""
    for secret in sorted({s for s in secrets if len(s) >= _SHORTEST}, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def secret_values(url: str, headers: Iterable[tuple[str, str]]) -> list[str]:
    """All values of a request that a message must not repeat."""
    found = [value for name, value in headers if name.lower() not in _PUBLIC]
    # A token without its scheme is as secret as with it.
    found += [part for value in found for part in value.split()[1:]]
    parts = urlsplit(url)
    found += [value for _, value in parse_qsl(parts.query)]
    return [*found, *(v for v in (parts.username, parts.password) if v)]


def hidden(mapping: Mapping[str, Any]) -> HiddenValues:
    """Make a dict that prints its keys only."""
    return HiddenValues({str(k): str(v) for k, v in mapping.items()})
