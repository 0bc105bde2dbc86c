"""The picture of a request: its bytes, or an address to fetch it from."""

from __future__ import annotations

import asyncio

from irbis.http.call import call
from irbis.http.failure import InvalidRequestError
from irbis.http.loop import background_loop
from irbis.http.request import HTTPRequest, checked
from irbis.http.settings import Settings
from irbis.image.decoding import decode
from irbis.image.picture import Picture
from irbis.services.local.wire import Call, RefusedError

__all__ = ["picture_bytes", "picture_in"]

_LARGEST = 20 << 20
_FETCH = Settings(timeout=20.0, deadline=30.0, max_attempts=1, max_response_bytes=_LARGEST)


def picture_in(asked: Call) -> Picture:
    """Decode the picture of a request.

    Raises
    ------
    RefusedError
        If there is none, or it can't be fetched.
    PictureError
        If it can't be read.
    """
    return decode(picture_bytes(asked))


def picture_bytes(asked: Call) -> bytes:
    """Encoded picture of a request."""
    type_ = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
    if type_ != "application/json":
        return asked.body
    document = asked.json()
    url = document.get("url") if isinstance(document, dict) else None
    try:
        request = checked(HTTPRequest("GET", url if isinstance(url, str) else ""))
    except InvalidRequestError:
        text = "Image URL is not accessible."
        raise RefusedError(400, "InvalidRequest", text, inner="InvalidImageUrl") from None
    answer = asyncio.run_coroutine_threadsafe(call(request, _FETCH), background_loop()).result()
    if answer.response is None or answer.failure is not None:
        text = "The image could not be downloaded."
        raise RefusedError(400, "InvalidRequest", text, inner="FailedToDownloadImage")
    return answer.response.body
