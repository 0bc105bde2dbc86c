"""Where a redirect leads, and what may go there."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from irbis.http.engine import SendError
from irbis.http.failure import InvalidRequestError
from irbis.http.request import HTTPRequest, check_url
from irbis.http.response import HTTPResponse
from irbis.http.secrets import origin

__all__ = ["redirected"]

_REDIRECTS = (301, 302, 303, 307, 308)
# What another host may see: every other header could be a secret, whatever its name.
_HARMLESS = {"accept", "accept-encoding", "accept-language", "content-type", "user-agent"}
_ABOUT_BODY = {"content-type", "content-length", "content-encoding", "transfer-encoding"}


def redirected(request: HTTPRequest, answer: HTTPResponse) -> HTTPRequest | None:
    """Return the request that a redirect asks for; None if the answer is none.

    303, and 301 or 302 to a POST, go on as GET without a body; another host gets no header that
    could be a secret, and https never goes on to http.

    Raises
    ------
    SendError
        If it leads nowhere.
    """
    target = answer.header("location")
    if answer.status not in _REDIRECTS or not target:
        return None
    url = urljoin(request.url, target)
    try:
        check_url(url)
    except InvalidRequestError:
        raise SendError(
            "redirect", f"{origin(request.url)} redirects to no valid address"
        ) from None
    if urlsplit(request.url).scheme == "https" and urlsplit(url).scheme == "http":
        raise SendError("redirect", f"{origin(request.url)} redirects from https to http")
    method, body, headers = request.method, request.body, request.headers
    to_get = answer.status == 303 and method != "HEAD"
    if to_get or (answer.status in (301, 302) and method == "POST"):
        method, body = "GET", None
        headers = tuple((n, v) for n, v in headers if n.lower() not in _ABOUT_BODY)
    if origin(url) != origin(request.url):
        headers = tuple((n, v) for n, v in headers if n.lower() in _HARMLESS)
    return HTTPRequest(method, url, headers, body)
