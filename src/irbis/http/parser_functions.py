"""The batch functions behind parsers that stand alone."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from irbis.http.call import Answer
from irbis.http.failure import Failure
from irbis.http.functions import AnswerParser, RequestParser, put_errors
from irbis.http.messages import read_responses, write_requests
from irbis.http.response import HTTPResponse
from irbis.schema import column, put

__all__ = ["ParseFunction", "RequestFunction"]


@dataclass(frozen=True)
class RequestFunction:
    """From a column of values to a column of requests."""

    source: str
    target: str
    error: str | None
    parse: RequestParser

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Make the requests of a batch."""
        made = self.parse(column(batch, self.source))
        failures = [r if isinstance(r, Failure) else None for r in made]
        return put_errors(put(batch, self.target, write_requests(made)), self.error, failures)


@dataclass(frozen=True)
class ParseFunction:
    """From a column of responses to a column of values."""

    source: str
    target: str
    error: str | None
    parse: AnswerParser

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Parse the responses of a batch."""
        answers = [_answer(r) for r in read_responses(column(batch, self.source))]
        values, failures = self.parse(answers)
        return put_errors(put(batch, self.target, values), self.error, failures)


def _answer(response: HTTPResponse | None) -> Answer:
    if response is None:
        return Answer(failure=Failure("null", "there is no response"))
    if response.ok:
        return Answer(response)
    said = f"{response.status} {response.reason}".strip()
    return Answer(response, Failure("status", said, response.status, response.attempts))
