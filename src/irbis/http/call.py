"""One row: from its request to its answer, within its deadline, whatever happens."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass, replace

from irbis.http.engine import SendError, engine
from irbis.http.failure import Failure
from irbis.http.pace import Pace, pace_of
from irbis.http.redirect import redirected
from irbis.http.request import HTTPRequest, without_user
from irbis.http.response import HTTPResponse
from irbis.http.retry import Attempt, retry
from irbis.http.secrets import origin, scrub, secret_values
from irbis.http.settings import Settings

__all__ = ["Answer", "call"]

_EXCERPT = 200


@dataclass(frozen=True)
class Answer:
    """What became of a row: a response, a failure, or both (a status that is not 2xx)."""

    response: HTTPResponse | None = None
    failure: Failure | None = None


async def call(request: HTTPRequest, settings: Settings) -> Answer:
    """Send a request as often as the settings say; never raises."""
    try:
        request = _with_headers(request, settings)
        first = pace_of(request.url, settings)
        if first is not None:
            await first.turn()  # before the clock starts: waiting for a turn is no fault of the row
        return await _Row(request, settings, first).run()
    except Exception as error:  # the job never dies of one row
        return Answer(failure=Failure("internal", type(error).__name__))


class _Row:
    def __init__(self, request: HTTPRequest, settings: Settings, turn: Pace | None) -> None:
        self.request, self.settings = request, settings
        self.turn = turn  # at which host the next request need not wait
        self.clock = asyncio.get_running_loop().time
        self.started = self.clock()
        self.end = self.started + settings.deadline
        self.sent = 0

    def left(self) -> float:
        return self.end - self.clock()

    async def run(self) -> Answer:
        if self.settings.handler is not None:
            return await self._handled()
        first = await self.attempt()
        last, attempts = await retry(first, self._another, self.request, self.settings, self.left)
        return self._answer(last, attempts)

    async def attempt(self) -> Attempt:
        """Send once, redirects followed, within the attempt's timeout and the row's deadline."""
        limit = asyncio.timeout_at(min(self.end, self.clock() + self.settings.timeout))
        self.sent += 1
        try:
            async with limit:
                return Attempt(await self._follow(limit))
        except TimeoutError:
            where = origin(self.request.url)
            if limit.when() == self.end:
                text = f"no answer of {where} within the deadline of {self.settings.deadline:g} s"
                return Attempt(kind="deadline", message=text)
            text = f"no answer of {where} within {self.settings.timeout:g} s"
            return Attempt(kind="timeout", message=text)
        except SendError as error:
            return Attempt(kind=error.kind, message=error.message, unsent=error.unsent)

    async def _another(self) -> Attempt | None:
        """Send once more, unless its turn would come after the deadline."""
        pace = pace_of(self.request.url, self.settings)
        if pace is not None and pace.wait(self.clock()) >= self.left():
            return None
        return await self.attempt()

    async def _take_turn(self, url: str, limit: asyncio.Timeout) -> None:
        """Wait for a turn at a host: the row's deadline goes on meanwhile, the attempt's time not."""
        pace, had = pace_of(url, self.settings), self.turn
        self.turn = None
        if pace is None or pace is had:
            return
        wait = pace.wait(self.clock())
        if wait >= self.left():
            text = f"no turn at {origin(url)} within the deadline of {self.settings.deadline:g} s"
            raise SendError("deadline", text, unsent=True)
        limit.reschedule(min((limit.when() or 0.0) + wait, self.end))
        await pace.turn()

    async def _follow(self, limit: asyncio.Timeout) -> HTTPResponse:
        request, sender = self.request, engine(self.settings)
        for hop in range(self.settings.max_redirects + 1):
            await self._take_turn(request.url, limit)
            answer = await sender.send(request, self.settings)
            if self.settings.max_redirects == 0:
                return answer
            onward = redirected(request, answer)
            if onward is None:
                return answer
            if hop == self.settings.max_redirects:
                break
            request = onward
        text = f"{origin(self.request.url)}: more than {self.settings.max_redirects} redirects"
        raise SendError("redirect", text)

    async def _handled(self) -> Answer:
        async def send(request: HTTPRequest | None = None) -> HTTPResponse:
            self.request = request or self.request
            found = await self.attempt()
            if found.response is None:
                raise SendError(found.kind, found.message, unsent=found.unsent)
            return self._timed(found.response, self.sent)

        try:
            async with asyncio.timeout(max(0.0, self.left())):
                assert self.settings.handler is not None
                found = self.settings.handler(send, self.request)
                response = await found if inspect.isawaitable(found) else found
        except TimeoutError:
            text = f"no answer within the deadline of {self.settings.deadline:g} s"
            return self._answer(Attempt(kind="deadline", message=text), self.sent)
        except SendError as error:
            return self._answer(Attempt(kind=error.kind, message=error.message), self.sent)
        except BaseException as error:  # somebody else's function; its message may hold anything
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # nobody waits for this row any more
                raise
            text = f"the handler raised {type(error).__name__}"
            return self._answer(Attempt(kind="handler", message=text), self.sent)
        if not isinstance(response, HTTPResponse):
            text = f"the handler returned a {type(response).__name__}, not an HTTPResponse"
            return self._answer(Attempt(kind="handler", message=text), self.sent)
        return self._answer(Attempt(response), self.sent)

    def _timed(self, response: HTTPResponse, attempts: int) -> HTTPResponse:
        return replace(response, attempts=attempts, elapsed=self.clock() - self.started)

    def _answer(self, last: Attempt, attempts: int) -> Answer:
        if last.response is None:
            return Answer(failure=Failure(last.kind, last.message, attempts=attempts))
        response = self._timed(last.response, attempts)
        if response.ok:
            return Answer(response)
        said = f"{response.status} {response.reason}".strip()
        excerpt = response.body[: 4 * _EXCERPT].decode("utf-8", "replace")[:_EXCERPT]
        # A service may repeat what it was sent, in any encoding of its own liking.
        excerpt = scrub(excerpt, secret_values(self.request.url, self.request.headers))
        failure = Failure("status", said, response.status, attempts, excerpt)
        return Answer(response, failure)


def _with_headers(request: HTTPRequest, settings: Settings) -> HTTPRequest:
    """Add the settings' headers, the address's user and our name, where there are none yet."""
    url, basic = without_user(request.url)
    headers = [(n, v) for n, v in request.headers if n.lower() not in _NOT_OURS]
    has = {name.lower() for name, _ in headers}
    for name, value in (*settings.headers, *basic, *_OWN):
        if name.lower() not in has:
            headers.append((name, value))
            has.add(name.lower())
    return HTTPRequest(request.method, url, tuple(headers), request.body)


_OWN = (("User-Agent", "irbis/0.1"), ("Accept", "*/*"), ("Accept-Encoding", "gzip, deflate"))
_NOT_OURS = {"content-length", "transfer-encoding", "connection"}  # the client's own affair
