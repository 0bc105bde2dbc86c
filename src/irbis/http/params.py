"""The Params that every stage which calls a service has."""

from __future__ import annotations

from typing import Any

from irbis.converters import flag, number, one_of, optional, whole
from irbis.errors import ParamError
from irbis.http.converters import Function, handler, methods, statuses, texts
from irbis.http.engine import prepare
from irbis.http.headers import HasHeaders
from irbis.http.settings import Settings
from irbis.http.slots import tasks_at_once
from irbis.params import ParamField, param

__all__ = ["HasClient"]


class HasClient(HasHeaders):
    """How requests are sent, repeated and bounded.

    Parameters
    ----------
    concurrency : int, default 8, range 1 to 10000
        Requests in flight in each task.
    connectTimeout : float, seconds, default 10.0
        For a connection, name lookup and TLS included.
    readTimeout : float, seconds, default 60.0
        Longest silence of the server.
    timeout : float, seconds, default 60.0
        For one attempt as a whole.
    deadline : float, seconds, default 300.0
        For the row as a whole, with all attempts and the waits between them.
    maxAttempts : int, default 5, range 1 to 100
        Requests for one row at most, redirects not counted.
    backoff : float, seconds, default 0.1
        Longest wait before the second attempt; it doubles from one to the next, and the wait is
        drawn from 0 to it (full jitter).
    maxWait : float, seconds, default 60.0
        Longest wait between attempts, whatever Retry-After asks for.
    retryMethods : list of str, default ["DELETE", "GET", "HEAD", "OPTIONS", "PUT"]
        Methods that may be sent again after an error: the idempotent ones. Add "POST" for a service
        that only computes. A request with an Idempotency-Key may always be sent again, and so may
        one that was certainly not acted on: no connection, 425, 429.
    retryStatuses : list of int, default 408, 425, 429 and 500 to 599
        Statuses after which a request is sent again.
    hopelessErrors : list of str, default ["CapacityLimitExceeded", "insufficient_quota"]
        Texts in the body of a 429 which say that waiting does not help.
    maxRedirects : int, default 10, range 0 to 100
        0: a redirect is the answer.
    maxResponseBytes : int, default 67108864
        Larger answers, after decompression, are errors.
    requestsPerSecond : float, optional, default None
        Limit to each host for the whole query, shared evenly by its tasks. None: no limit.
    maxConcurrentTasks : int, optional, default None
        Tasks that run at once, for that sharing. None: taken from the session's settings
        (:func:`irbis.http.slots.tasks_at_once`); a ParamError where they don't tell.
    headers, headersFromEnv
        See :class:`HasHeaders`; a header that the row's own request has is not replaced.
    http2 : bool, default False
        Use HTTP/2 where the server offers it (needs the extra http2).
    handler : "advanced", "basic" or function, default "advanced"
        "advanced" repeats by the rules above, "basic" sends once. A function gets ``(send, request)``
        and returns an HTTPResponse, or awaits one: ``await send()`` sends the request once,
        ``await send(other)`` another. It runs on the loop of all calls, and must not block.
    execution : {"workers", "driver"}, default "workers"
        "driver" calls from the driver, for platforms whose workers have no network: the whole frame
        passes through the driver's memory, when transform is called.
    """

    concurrency: ParamField[int] = param(
        "requests in flight in each task", whole(1, 10_000), default=8
    )
    connectTimeout: ParamField[float] = param(
        "seconds for a connection", number(0, above=True), default=10.0
    )
    readTimeout: ParamField[float] = param(
        "longest silence of the server, seconds", number(0, above=True), default=60.0
    )
    timeout: ParamField[float] = param(
        "seconds for one attempt", number(0, above=True), default=60.0
    )
    deadline: ParamField[float] = param(
        "seconds for a row, with all attempts", number(0, above=True), default=300.0
    )
    maxAttempts: ParamField[int] = param("requests for one row at most", whole(1, 100), default=5)
    backoff: ParamField[float] = param(
        "longest wait before the second attempt, seconds; doubles", number(0), default=0.1
    )
    maxWait: ParamField[float] = param(
        "longest wait between attempts, seconds", number(0), default=60.0
    )
    retryMethods: ParamField[list[str]] = param(
        "methods that may be sent again",
        methods,
        default=["DELETE", "GET", "HEAD", "OPTIONS", "PUT"],
    )
    retryStatuses: ParamField[list[int]] = param(
        "statuses after which a request is sent again",
        statuses,
        default=[408, 425, 429, *range(500, 600)],
    )
    hopelessErrors: ParamField[list[str]] = param(
        "texts in the body of a 429 which say that waiting does not help",
        texts,
        default=["CapacityLimitExceeded", "insufficient_quota"],
    )
    maxRedirects: ParamField[int] = param("redirects to follow", whole(0, 100), default=10)
    maxResponseBytes: ParamField[int] = param(
        "bytes of an answer at most, decompressed", whole(1, (1 << 31) - 1), default=64 << 20
    )
    requestsPerSecond: ParamField[float | None] = param(
        "limit to each host for the whole query", optional(number(0, above=True)), default=None
    )
    maxConcurrentTasks: ParamField[int | None] = param(
        "tasks that run at once; None: from the session's settings",
        optional(whole(1)),
        default=None,
    )
    http2: ParamField[bool] = param("use HTTP/2 where the server offers it", flag, default=False)
    handler: ParamField[Any] = param(
        "'advanced' (repeats), 'basic' (once), or a function of (send, request)",
        handler,
        default="advanced",
    )
    execution: ParamField[str] = param(
        "where calls are made: 'workers' or 'driver'",
        one_of("workers", "driver"),
        default="workers",
    )

    @property
    def on_driver(self) -> bool:
        """Whether calls are made by the driver."""
        return bool(self.value("execution") == "driver")

    def settings(self) -> Settings:
        """Everything the client needs, checked.

        Raises
        ------
        ParamError, MissingExtraError
        """
        chosen = self.value("handler")
        made = Settings(
            concurrency=self.value("concurrency"),
            connect_timeout=self.value("connectTimeout"),
            read_timeout=self.value("readTimeout"),
            timeout=self.value("timeout"),
            deadline=self.value("deadline"),
            max_attempts=1 if chosen == "basic" else self.value("maxAttempts"),
            backoff=self.value("backoff"),
            max_wait=self.value("maxWait"),
            retry_methods=frozenset(self.value("retryMethods")),
            retry_statuses=frozenset(self.value("retryStatuses")),
            hopeless=tuple(self.value("hopelessErrors")),
            max_redirects=self.value("maxRedirects"),
            max_response_bytes=self.value("maxResponseBytes"),
            rate=self.value("requestsPerSecond"),
            slots=self._slots(),
            http2=self.value("http2"),
            headers=self.header_pairs(),
            handler=chosen.call if isinstance(chosen, Function) else None,
        )
        prepare(made)
        return made

    def _slots(self) -> int:
        if self.value("requestsPerSecond") is None or self.on_driver:
            return 1
        known: int | None = self.value("maxConcurrentTasks") or tasks_at_once()
        if known is None:
            raise ParamError(
                "requestsPerSecond, in a session that does not tell how many tasks run at once",
                expected="the number that shares the limit",
                do="set maxConcurrentTasks",
            )
        return known
