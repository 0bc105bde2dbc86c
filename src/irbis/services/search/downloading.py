"""Addresses to verified pictures: the function behind ImageDownloader. Imports no pyspark."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from irbis.http.call import Answer
from irbis.http.failure import Failure, InvalidRequestError
from irbis.http.functions import answers_of, put_errors
from irbis.http.request import HTTPRequest, checked
from irbis.http.response import HTTPResponse
from irbis.http.settings import Settings
from irbis.image.decoding import decode, upright_size
from irbis.image.header import recognise
from irbis.image.picture import PictureError
from irbis.schema import put
from irbis.services.search.provider import AGENT

__all__ = ["INFO", "DownloadFunction"]

INFO = pa.struct(
    [
        pa.field("format", pa.string()),
        pa.field("width", pa.int32()),
        pa.field("height", pa.int32()),
        pa.field("bytes", pa.int64()),
        pa.field("sha256", pa.string()),
        pa.field("contentType", pa.string()),
        pa.field("url", pa.string()),
    ]
)
#: What storage says of files that it knows nothing of.
_UNTOLD = ("application/octet-stream", "binary/octet-stream", "application/binary", "")
_ACCEPT = "image/jpeg, image/png, image/webp, image/gif, image/bmp, image/tiff, image/*;q=0.5"
_LOOKED_AT = (64, 64)  # a JPEG is decoded to at least that: all of the file is read, fast


@dataclass(frozen=True)
class DownloadFunction:
    """Fetches and looks at the pictures of a column of addresses."""

    source: str
    target: str
    info: str | None
    error: str | None
    least: int
    max_pixels: int
    settings: Settings

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Fetch for every row of an iterator of batches."""
        for part, answers in answers_of(batches, self.source, _requests, self.settings):
            data: list[bytes | None] = []
            known: list[dict[str, Any] | None] = []
            failures: list[Failure | None] = []
            for answer in answers:
                found = self._look(answer)
                bad = isinstance(found, Failure)
                failures.append(found if isinstance(found, Failure) else None)
                known.append(None if isinstance(found, Failure) else found)
                body = None if answer.response is None else answer.response.body
                data.append(None if bad else body)
            done = put(part, self.target, pa.array(data, pa.binary()))
            if self.info is not None:
                done = put(done, self.info, pa.array(known, INFO))
            yield put_errors(done, self.error, failures)

    def _look(self, answer: Answer) -> dict[str, Any] | Failure:
        response = answer.response
        if answer.failure is not None or response is None:
            return answer.failure or Failure("internal", "no answer")
        try:
            return self._known(response)
        except PictureError as error:
            return Failure(error.kind, str(error), response.status, response.attempts)

    def _known(self, response: HTTPResponse) -> dict[str, Any]:
        type_ = (response.header("content-type") or "").partition(";")[0].strip().lower()
        if not type_.startswith("image/") and type_ not in _UNTOLD:
            raise PictureError("content_type", f"{_short(type_)}, not a picture")
        form = recognise(response.body)
        width, height = upright_size(response.body, max_pixels=self.max_pixels)
        if min(width, height) < self.least:
            text = f"{width} x {height} pixels, the least is {self.least} on each side"
            raise PictureError("too_small", text)
        decode(response.body, _LOOKED_AT, max_pixels=self.max_pixels)
        return {
            "format": form,
            "width": width,
            "height": height,
            "bytes": len(response.body),
            "sha256": hashlib.sha256(response.body).hexdigest(),
            "contentType": type_ or None,
            "url": response.url or None,
        }


def _short(type_: str) -> str:
    return type_[:80].encode("ascii", "replace").decode()


def _requests(values: pa.Array) -> list[HTTPRequest | Failure]:
    return [_request(url) for url in values.to_pylist()]


def _request(url: str | None) -> HTTPRequest | Failure:
    if url is None:
        return Failure("null", "there is no address")
    try:
        return checked(HTTPRequest("GET", url, (("User-Agent", AGENT), ("Accept", _ACCEPT))))
    except InvalidRequestError as error:
        return Failure("request", str(error))
