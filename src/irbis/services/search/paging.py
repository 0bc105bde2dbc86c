"""A search of as many pages as it takes: the operation behind ImageSearch. Imports no pyspark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from irbis.http.call import Answer, call
from irbis.http.failure import Failure, InvalidRequestError
from irbis.http.reading import ParseError, load
from irbis.http.request import HTTPRequest
from irbis.http.response import HTTPResponse
from irbis.http.settings import Settings
from irbis.services.operation import Operation, Row
from irbis.services.search.licences import allowed
from irbis.services.search.provider import Asked, Provider
from irbis.services.search.providers import PROVIDERS
from irbis.services.search.result import Result

__all__ = ["Search"]

_PAGES = 200  # of a row at most: a licence that is rare must not ask a provider for everything
_OFFSET = "irbis-offset"  # a header of our own, taken off before anything is sent


@dataclass(frozen=True)
class Search(Operation):
    """Asks a provider page by page, until there are enough results or no more.

    Parameters
    ----------
    provider : str
    count : int
        Results of a row at most.
    licences : tuple of str
    safe : bool
    """

    provider: str = "local"
    count: int = 20
    licences: tuple[str, ...] = ()
    safe: bool = True

    def request(self, url: str, rows: Sequence[Row]) -> HTTPRequest | Failure:
        """Make the request for the first page."""
        (row,) = rows
        query, offset = str(row["query"]).strip(), int(row.get("offset") or 0)
        if not query:
            raise InvalidRequestError("an empty query")
        if offset < 0 or offset + self.count > self._provider.deepest:
            raise InvalidRequestError(
                f"results to {offset + self.count} of {self.provider}, which has them up to "
                f"{self._provider.deepest}"
            )
        asked = Asked(query, offset, self.count, self.licences, self.safe)
        made = self._provider.first(url, asked)
        skipped = offset - self._provider.start(offset)
        return replace(made, headers=(*made.headers, (_OFFSET, str(skipped))))

    async def call(self, request: HTTPRequest, settings: Settings) -> Answer:
        """Ask for page after page; the answers come back as one list of them."""
        wanted = self.count + int(request.header(_OFFSET) or 0)
        headers = tuple((n, v) for n, v in request.headers if n != _OFFSET)
        onward: HTTPRequest | None = replace(request, headers=headers)
        pages: list[bytes] = []
        found = attempts = 0
        while onward is not None and len(pages) < _PAGES:
            here = onward
            answer = await call(_without_fragment(here), settings)
            response = answer.response
            if answer.failure is not None or response is None:
                return answer
            pages.append(response.body)
            attempts += response.attempts
            try:
                document = _document(response.body)
                found += len(self._kept(self._provider.results(document)))
                onward = self._provider.onward(here, document) if found < wanted else None
            except (ParseError, AttributeError, TypeError, ValueError):
                break  # the page is read again below, and says what is wrong with it
            if onward is not None:
                kept = {name.lower() for name, _ in onward.headers}
                more = [h for h in headers if h[0].lower() not in kept]
                onward = replace(onward, headers=(*onward.headers, *more))
        assert response is not None
        return Answer(replace(response, body=b"[" + b",".join(pages) + b"]", attempts=attempts))

    def read(self, response: HTTPResponse, rows: Sequence[Row]) -> Sequence[Any]:
        """Read all pages of a row."""
        (row,) = rows
        documents = load(response.body)
        found = [r for d in documents for r in self._kept(self._provider.results(_checked(d)))]
        offset = int(row.get("offset") or 0)
        skipped = offset - self._provider.start(offset)
        query = str(row["query"]).strip()
        empty = dict.fromkeys((field.name for field in self.type.value_type), None)
        return [
            [
                {**empty, **one, "source": self.provider, "query": query, "rank": offset + i + 1}
                for i, one in enumerate(found[skipped : skipped + self.count])
            ]
        ]

    @property
    def _provider(self) -> Provider:
        return PROVIDERS[self.provider]

    def _kept(self, results: Sequence[Result]) -> list[Result]:
        return [r for r in results if allowed(r.get("license"), self.licences)]


def _document(body: bytes) -> Any:
    return _checked(load(body))


def _checked(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise ParseError("$: expected an object")
    return document


def _without_fragment(request: HTTPRequest) -> HTTPRequest:
    return replace(request, url=request.url.partition("#")[0])
