"""The stream functions behind HTTPTransformer and SimpleHTTPTransformer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import pyarrow as pa

from irbis.http.call import Answer, call
from irbis.http.engine import prepare
from irbis.http.failure import Failure, failures_to_column, raise_first
from irbis.http.messages import read_requests, write_responses
from irbis.http.ordered import in_order
from irbis.http.request import HTTPRequest
from irbis.http.settings import Settings
from irbis.schema import column, put

__all__ = ["CallFunction", "ParsedCallFunction", "ReadRequests", "answers_of", "put_errors"]

RequestParser: TypeAlias = Callable[[pa.Array], Sequence[HTTPRequest | Failure]]
_FIRST = 16  # rows, before the size of answers is known
_BYTES = 16 << 20
#: Answers to values, and which failed: all that the output column needs.
AnswerParser: TypeAlias = Callable[[Sequence[Answer]], tuple[pa.Array, list[Failure | None]]]


class ReadRequests:
    """Requests of a column of request structs."""

    def __call__(self, values: pa.Array) -> list[HTTPRequest | Failure]:
        """Read a column."""
        return read_requests(values)


def answers_of(
    batches: Iterator[pa.RecordBatch], source: str, parse: RequestParser, settings: Settings
) -> Iterator[tuple[pa.RecordBatch, list[Answer]]]:
    """Call for every row; yields slices of the batches with their answers, in order."""
    prepare(settings)
    slices = _Slices(settings.concurrency)
    found = in_order(
        ((part, parse(column(part, source))) for batch in batches for part in slices.of(batch)),
        partial(call, settings=settings),
        concurrency=settings.concurrency,
        window=4 * settings.concurrency + 2 * slices.most,
    )
    last, at = None, 0
    for part, answers in found:
        at = at if part is last else 0
        slices.learn(answers)
        yield part.slice(at, len(answers)), answers
        last, at = part, at + len(answers)


class _Slices:
    """Cuts batches small enough to be handed on while later rows are still under way."""

    def __init__(self, concurrency: int) -> None:
        self.most = max(_FIRST, min(256, 2 * concurrency))
        self.rows = min(_FIRST, self.most)

    def of(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        start = 0
        while start < max(batch.num_rows, 1):
            each = batch.nbytes / max(batch.num_rows, 1)
            rows = max(1, min(self.rows, int(_BYTES / max(each, 1))))
            yield batch.slice(start, rows)
            start += rows

    def learn(self, answers: Sequence[Answer]) -> None:
        """Choose the next size by that of the answers: a slice is to be of 16 MiB at most."""
        sizes = [len(a.response.body) for a in answers if a.response is not None]
        each = max(sizes, default=0) or 1
        self.rows = max(1, min(self.most, 2 * self.rows, _BYTES // each))


def put_errors(
    batch: pa.RecordBatch, error: str | None, failures: Sequence[Failure | None]
) -> pa.RecordBatch:
    """Add the error column, or raise the first failure where there is none.

    Raises
    ------
    RowError
    """
    if error is None:
        raise_first(failures)
        return batch
    return put(batch, error, failures_to_column(failures))


@dataclass(frozen=True)
class CallFunction:
    """From a column of requests to a column of responses."""

    source: str
    target: str
    error: str | None
    settings: Settings

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Call for every row of an iterator of batches."""
        for part, answers in answers_of(batches, self.source, ReadRequests(), self.settings):
            done = put(part, self.target, write_responses([a.response for a in answers]))
            yield put_errors(done, self.error, [a.failure for a in answers])


@dataclass(frozen=True)
class ParsedCallFunction:
    """From a column of values to a column of what the service made of them."""

    source: str
    target: str
    error: str | None
    parse_input: RequestParser
    parse_output: AnswerParser
    settings: Settings

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Call for every row of an iterator of batches."""
        for part, answers in answers_of(batches, self.source, self.parse_input, self.settings):
            values, failures = self.parse_output(answers)
            yield put_errors(put(part, self.target, values), self.error, failures)
