"""The stream function behind every service stage. Imports no pyspark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import pyarrow as pa

from irbis.http.call import Answer
from irbis.http.engine import prepare
from irbis.http.failure import Failure, InvalidRequestError
from irbis.http.functions import put_errors
from irbis.http.ordered import in_order
from irbis.http.parsing import python_values
from irbis.http.reading import ParseError
from irbis.http.request import HTTPRequest, checked
from irbis.http.secrets import secret_values
from irbis.http.settings import Settings
from irbis.schema import column, put
from irbis.services.answers import explained, scrubbed
from irbis.services.operation import Operation
from irbis.services.retirement import API

__all__ = ["CREDENTIALS", "ServiceFunction", "Value"]

#: Values that every service has; requests are not mixed over them.
CREDENTIALS = ("url", "subscriptionKey", "AADToken")
_BYTES = 16 << 20


@dataclass(frozen=True)
class Value:
    """Where a value comes from: a column, or the same for all rows."""

    name: str
    column: str | None = None
    scalar: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class _Group:
    """Rows of one request, by their place in the slice."""

    rows: list[dict[str, Any]]
    places: list[int]
    request: HTTPRequest | Failure


@dataclass(frozen=True)
class ServiceFunction:
    """From columns of values to a column of a service's answers."""

    operation: Operation
    api: API
    values: tuple[Value, ...]
    target: str
    error: str | None
    key_header: str
    settings: Settings

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Ask for every row of an iterator of batches."""
        prepare(self.settings)
        found = in_order(
            self._parts(batches),
            self._ask,
            concurrency=self.settings.concurrency,
            window=6 * self.settings.concurrency,
        )
        for (part, groups), answers in found:
            values: list[Any] = [None] * part.num_rows
            failures: list[Failure | None] = [None] * part.num_rows
            for group, answer in zip(groups, answers, strict=True):
                for place, one in zip(group.places, self._read(group, answer), strict=True):
                    if isinstance(one, Failure):
                        failures[place] = one
                    else:
                        values[place] = one
            done = put(part, self.target, pa.array(values, self.operation.type))
            yield put_errors(done, self.error, failures)

    async def _ask(self, request: HTTPRequest) -> Answer:
        try:
            return await self.operation.call(request, self.settings)
        except Exception as error:  # a row that is never answered would hold up all behind it
            return Answer(failure=Failure("internal", type(error).__name__))

    def _parts(
        self, batches: Iterator[pa.RecordBatch]
    ) -> Iterator[tuple[tuple[pa.RecordBatch, list[_Group]], list[HTTPRequest | Failure]]]:
        at_most = 2 * self.settings.concurrency * self.operation.most
        for batch in batches:
            start = 0
            while start < max(batch.num_rows, 1):
                each = batch.nbytes / max(batch.num_rows, 1)
                rows = max(1, min(at_most, int(_BYTES / max(each, 1))))
                part = batch.slice(start, rows)
                groups = list(self._groups(part))
                yield (part, groups), [g.request for g in groups]
                start += rows

    def _groups(self, part: pa.RecordBatch) -> Iterator[_Group]:
        columns = {
            v.name: python_values(column(part, v.column))
            for v in self.values
            if v.column is not None
        }
        scalars = {v.name: v.scalar for v in self.values if v.column is None}
        rows = [
            {**scalars, **{name: held[at] for name, held in columns.items()}}
            for at in range(part.num_rows)
        ]
        needed = (*self.operation.needs, *(n for n in CREDENTIALS if n in columns))
        shared = (*CREDENTIALS, *self.operation.shared)
        usable: list[tuple[int, dict[str, Any]]] = []
        for at, row in enumerate(rows):
            absent = next((n for n in needed if row.get(n) is None), None)
            if absent is None:
                usable.append((at, row))
            else:
                yield _Group([row], [at], Failure("null", f"{absent} is null"))
        for _, same in groupby(usable, key=lambda pair: [pair[1].get(n) for n in shared]):
            run = list(same)
            for start in range(0, len(run), self.operation.most):
                chosen = run[start : start + self.operation.most]
                inside = [row for _, row in chosen]
                yield _Group(inside, [at for at, _ in chosen], self._request(inside))

    def _request(self, rows: Sequence[dict[str, Any]]) -> HTTPRequest | Failure:
        first = rows[0]
        try:
            made = self.operation.request(first["url"], rows)
            if isinstance(made, Failure):
                return made
            headers = list(made.headers)
            if first.get("subscriptionKey") is not None:
                headers.append((self.key_header, first["subscriptionKey"]))
            if first.get("AADToken") is not None:
                headers.append(("Authorization", f"Bearer {first['AADToken']}"))
            return checked(HTTPRequest(made.method, made.url, tuple(headers), made.body))
        except InvalidRequestError as error:
            return Failure("request", str(error))
        except Exception as error:  # a value in a column may be anything
            return Failure("request", f"no request can be made of the row: {type(error).__name__}")

    def _read(self, group: _Group, answer: Answer) -> Sequence[Any]:
        failure, response = answer.failure, answer.response
        if failure is None and response is not None:
            try:
                found = self.operation.read(response, group.rows)
                return [self._clean(v, group) if isinstance(v, Failure) else v for v in found]
            except Exception as error:  # whatever an answer holds, the job goes on
                said = str(error) if isinstance(error, ParseError) else type(error).__name__
                failure = Failure("parse", said, response.status, response.attempts)
        if failure is None:
            failure = Failure("internal", "no answer")
        return [self._clean(explained(failure, response, self.api), group)] * len(group.places)

    def _clean(self, failure: Failure, group: _Group) -> Failure:
        if not isinstance(group.request, HTTPRequest):
            return failure
        headers = (*group.request.headers, *self.settings.headers)
        return scrubbed(failure, secret_values(group.request.url, headers))
