"""Asynchronous operations: 202 with an Operation-Location, asked for until it is done.

The pattern of Microsoft's REST guidelines (long-running operations). Imports no pyspark.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from irbis.http.call import Answer, call
from irbis.http.failure import Failure, InvalidRequestError
from irbis.http.reading import ParseError, load
from irbis.http.request import HTTPRequest, check_url
from irbis.http.response import HTTPResponse
from irbis.http.retry import retry_after
from irbis.http.secrets import origin
from irbis.http.settings import Settings
from irbis.services.answers import said_in
from irbis.services.operation import Operation

__all__ = ["Polled"]

pause = asyncio.sleep
_DONE = {"succeeded", "partiallysucceeded", "partiallycompleted"}
_FAILED = {"failed", "cancelled", "canceled", "rejected"}
_FOR_THE_BODY = {"content-type", "content-length", "content-encoding"}


@dataclass(frozen=True)
class Polled(Operation):
    """An operation whose first answer only says where the result will be.

    Parameters
    ----------
    first_delay : float, seconds, default 0.3
        Before the result is asked for.
    delay : float, seconds, default 1.0
        Between two askings; a Retry-After comes first. The row's deadline bounds them all.
    """

    first_delay: float = 0.3
    delay: float = 1.0

    async def call(self, request: HTTPRequest, settings: Settings) -> Answer:
        """Send the request, then ask for its result until there is one."""
        clock = asyncio.get_running_loop().time
        started = clock()
        answer = await call(request, settings)
        response = answer.response
        if answer.failure is not None or response is None or response.status != 202:
            return answer
        where = response.header("operation-location") or response.header("location")
        problem = _unusable(where, request.url)
        if problem or where is None:
            return Answer(response, _failure("operation", problem, answer))
        headers = tuple((n, v) for n, v in request.headers if n.lower() not in _FOR_THE_BODY)
        asking = HTTPRequest("GET", where, headers)
        attempts, wait = response.attempts, self.first_delay
        while True:
            asked = retry_after(response.header("retry-after"))
            wait = min(wait if asked is None else asked, settings.max_wait)
            left = settings.deadline - (clock() - started)
            if wait >= left:
                text = f"the operation was not done within the deadline of {settings.deadline:g} s"
                failure = Failure("deadline", text, response.status, attempts)
                return Answer(_counted(response, attempts), failure)
            await pause(wait)
            answer = await call(asking, replace(settings, deadline=left - wait))
            if answer.failure is not None or answer.response is None:
                return _with_attempts(answer, attempts)
            response = answer.response
            attempts += response.attempts
            response = _counted(response, attempts)
            done = _finished(response)
            if done is not None:
                return done
            wait = self.delay


def _finished(response: HTTPResponse) -> Answer | None:
    """Return the end of an operation, or None while it goes on."""
    answer = Answer(response)
    try:
        document: Any = load(response.body)
    except ParseError as error:
        return Answer(response, _failure("parse", str(error), answer))
    status = document.get("status") if isinstance(document, dict) else None
    state = status.lower() if isinstance(status, str) else ""
    if state in _DONE:
        return answer
    if state in _FAILED:
        said = said_in(document)
        failure = _failure("operation", f"the operation ended as {state}", answer)
        return Answer(response, replace(failure, excerpt=said))
    if not state:
        return Answer(response, _failure("parse", "$.status: no text", answer))
    return None


def _unusable(where: str | None, url: str) -> str:
    if where is None:
        return "the service accepted the operation and said not where its result will be"
    try:
        check_url(where)
    except InvalidRequestError:
        return "the service named no valid address for the result"
    if origin(where) != origin(url):  # a key goes nowhere but where the user sent it
        return f"the service named {origin(where)} for the result, not its own {origin(url)}"
    return ""


def _failure(kind: str, message: str, answer: Answer) -> Failure:
    assert answer.response is not None
    return Failure(kind, message, answer.response.status, answer.response.attempts)


def _counted(response: HTTPResponse, attempts: int) -> HTTPResponse:
    return replace(response, attempts=attempts)


def _with_attempts(answer: Answer, before: int) -> Answer:
    failure, response = answer.failure, answer.response
    if failure is not None:
        failure = replace(failure, attempts=failure.attempts + before)
    if response is not None:
        response = _counted(response, response.attempts + before)
    return Answer(response, failure)
