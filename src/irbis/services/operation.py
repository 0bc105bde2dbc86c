"""What a service stage asks and how it reads the answer: the part that travels to workers.

Imports no pyspark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlsplit, urlunsplit

import pyarrow as pa

from irbis.http.call import Answer, call
from irbis.http.failure import Failure
from irbis.http.reading import load, reader
from irbis.http.request import HTTPRequest
from irbis.http.response import HTTPResponse
from irbis.http.settings import Settings

__all__ = ["Operation", "Row", "at_path"]

#: Values of one row by the names of Params, from their columns or the Params themselves.
Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    """One operation of a service; subclass it and write :meth:`request`.

    Parameters
    ----------
    type : pa.DataType
        Of a row's answer.
    most : int, default 1
        Rows that fit into one request.
    needs : tuple of str
        Values without which a row is not sent: its error is of kind "null".
    shared : tuple of str
        Values that all rows of one request must have in common.
    """

    type: pa.DataType
    most: int = 1
    needs: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()

    def request(self, url: str, rows: Sequence[Row]) -> HTTPRequest | Failure:
        """Make the request for some rows, without key or token: those are added.

        May return why there is none, or raise InvalidRequestError, whose message must repeat no
        value.
        """
        raise NotImplementedError

    def read(self, response: HTTPResponse, rows: Sequence[Row]) -> Sequence[Any]:
        """Return each row's value, or its Failure; may raise ParseError.

        As it stands here: one row, and the whole answer as JSON of the type.
        """
        assert len(rows) == 1, "an operation of several rows reads its answer itself"
        return [reader(self.type)(load(response.body), "$")]

    async def call(self, request: HTTPRequest, settings: Settings) -> Answer:
        """Send the request; an operation that takes several requests does them here."""
        return await call(request, settings)


def failed(kind: str, message: str, answer: Answer) -> Failure:
    """Make a failure that keeps status and attempts of an answer."""
    response = answer.response
    if response is None:
        return Failure(kind, message, attempts=answer.failure.attempts if answer.failure else 0)
    return Failure(kind, message, response.status, response.attempts)


def at_path(url: str, path: str) -> str:
    """Address of an operation below an endpoint; one that has the path already stays as it is.

    Examples
    --------
    >>> at_path("https://x.cognitiveservices.azure.com/", "/face/v1.0/detect")
    'https://x.cognitiveservices.azure.com/face/v1.0/detect'
    >>> at_path("http://127.0.0.1:9000/face/v1.0/detect?a=1", "/face/v1.0/detect")
    'http://127.0.0.1:9000/face/v1.0/detect?a=1'
    """
    parts = urlsplit(url)
    base = parts.path.rstrip("/")
    if base.lower().endswith(path.lower()):
        return url
    return urlunsplit(parts._replace(path=base + path))
