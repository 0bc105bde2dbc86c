"""HTTPRequest: one request, made from Python values and checked before anything is sent."""

from __future__ import annotations

import json as jsonlib
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit

from irbis.http.failure import InvalidRequestError
from irbis.http.json_values import dump
from irbis.http.multipart import multipart
from irbis.http.secrets import origin

__all__ = ["METHODS", "HTTPRequest", "check_url", "checked", "get", "without_user"]

#: Methods that can be sent: RFC 9110, and PATCH of RFC 5789.
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_BODYLESS = ("GET", "HEAD")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_BAD_IN_VALUE = re.compile(r"[\r\n\0]")
_BAD_IN_URL = re.compile(r"[\s\0-\x1f\x7f]")
_LONGEST_URL = 65536


@dataclass(frozen=True, repr=False)
class HTTPRequest:
    """One HTTP request.

    Parameters
    ----------
    method : str, default "GET"
        One of DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT.
    url : str
        Absolute, http or https.
    headers : tuple of (name, value), default ()
    body : bytes, optional

    Examples
    --------
    >>> HTTPRequest.make("POST", "http://api.example/v1", params={"n": 5}, json={"a": [1, None]})
    HTTPRequest(POST http://api.example)
    """

    method: str = "GET"
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None

    def __repr__(self) -> str:
        return f"HTTPRequest({self.method} {origin(self.url)})"

    @classmethod
    def make(
        cls,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        params: Mapping[str, Any] | None = None,
        json: Any = ...,
        form: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        body: bytes | str | None = None,
    ) -> HTTPRequest:
        """Make a request.

        Parameters
        ----------
        method, url : str
        headers : mapping or pairs
        params : mapping, optional
            Added to the query of `url`; a list gives one parameter an item, None none.
        json : optional
            Body as JSON, application/json.
        form : mapping, optional
            Body as application/x-www-form-urlencoded; with `files`, their other fields.
        files : mapping, optional
            Body as multipart/form-data: name to bytes, (file name, bytes) or (file name, bytes,
            content type).
        body : bytes or str, optional
            Body as it is.

        Raises
        ------
        InvalidRequestError
            If JSON has no way to write the body, or two bodies are given.
        """
        given = [json is not ..., form is not None or files is not None, body is not None]
        if sum(given) > 1:
            raise InvalidRequestError("more than one of json, form or files, and body")
        pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
        type_: str | None = None
        content = body.encode() if isinstance(body, str) else body
        if json is not ...:
            type_, content = "application/json", dump(json)
        elif files is not None:
            type_, content = multipart(form or {}, files)
        elif form is not None:
            type_, content = "application/x-www-form-urlencoded", _query(form).encode()
        if type_ is not None and not any(n.lower() == "content-type" for n, _ in pairs):
            pairs.append(("Content-Type", type_))
        if params:
            query = _query(params)
            if query:
                base, mark, fragment = url.partition("#")
                url = f"{base}{'&' if '?' in base else '?'}{query}{mark}{fragment}"
        return cls(method, url, tuple((str(n), str(v)) for n, v in pairs), content)

    def header(self, name: str) -> str | None:
        """Value of the first header by that name, whatever its case."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)

    def json(self) -> Any:
        """Body read as JSON."""
        return jsonlib.loads(self.body or b"null")


def get(url: Any) -> HTTPRequest | None:
    """Make a GET of an address: the shortest function for a CustomInputParser."""
    return None if url is None else HTTPRequest("GET", url)


def checked(request: HTTPRequest) -> HTTPRequest:
    """Return the request with its method in upper case.

    Raises
    ------
    InvalidRequestError
        If it can't be sent. The message names what is wrong and repeats no value.
    """
    method = request.method.upper() if isinstance(request.method, str) else ""
    if method not in METHODS:
        raise InvalidRequestError(f"unknown method; known: {', '.join(METHODS)}")
    check_url(request.url)
    if request.body and method in _BODYLESS:
        raise InvalidRequestError(f"{method} with a body")
    for name, value in request.headers:
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            raise InvalidRequestError("invalid name of a header")
        if not isinstance(value, str) or _BAD_IN_VALUE.search(value):
            raise InvalidRequestError(f"invalid value of the header {name}")
    try:
        "".join((request.url, *(value for _, value in request.headers))).encode()
    except UnicodeEncodeError:
        raise InvalidRequestError("an address or a header with half a character") from None
    length = request.header("content-length")
    if length is not None and length.strip() != str(len(request.body or b"")):
        raise InvalidRequestError("Content-Length differs from the length of the body")
    if method == request.method:
        return request
    return HTTPRequest(method, request.url, request.headers, request.body)


@lru_cache(maxsize=4096)
def check_url(url: Any) -> None:
    """Raise InvalidRequestError unless `url` is absolute, http or https."""
    if not isinstance(url, str) or not url:
        raise InvalidRequestError("no address")
    if len(url) > _LONGEST_URL:
        raise InvalidRequestError(f"address of {len(url)} characters; at most {_LONGEST_URL}")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        usable = usable and (parts.port is None or parts.port > 0)
        if usable:
            _host(parts.hostname or "")
    except (ValueError, UnicodeError):
        usable = False
    if not usable or _BAD_IN_URL.search(url):
        raise InvalidRequestError("invalid address; expected http://host/... or https://host/...")


def without_user(url: str) -> tuple[str, list[tuple[str, str]]]:
    """Return an address without user and password, and the header that takes their place.

    Examples
    --------
    >>> without_user("http://me:pw@api.example/v1")
    ('http://api.example/v1', [('Authorization', 'Basic bWU6cHc=')])
    """
    if "@" not in url or "@" not in (parts := urlsplit(url)).netloc:
        return url, []
    both = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    return urlunsplit(bare), [("Authorization", f"Basic {b64encode(both.encode()).decode()}")]


def _host(name: str) -> None:
    if ":" not in name:  # not IPv6
        name.encode("ascii" if name.isascii() else "idna")
        if re.search(r"[^\w.\-~%]", name):
            raise ValueError(name)


def _query(fields: Mapping[str, Any]) -> str:
    pairs: list[tuple[str, str]] = []
    for name, value in fields.items():
        values = value if isinstance(value, (list, tuple)) else [value]
        pairs += [(str(name), _plain(v)) for v in values if v is not None]
    return urlencode(pairs)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
