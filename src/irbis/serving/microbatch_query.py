"""The query of server and distributedServer: a StreamingQuery with its fronts, run again if it dies."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from irbis.errors import EngineError
from irbis.serving.front_thread import FrontThread
from irbis.serving.mail_front import MailFront
from irbis.serving.supervision import FrontJobs, first_line, session_of_its_own
from irbis.serving.worker import FrontTask

if TYPE_CHECKING:
    from irbis.serving.microbatch import Service

__all__ = ["MicroBatchQuery"]

log = logging.getLogger("irbis.serving")
# Runs in a row that died without a batch of their own in a minute.
_GIVE_UP = 20


class MicroBatchQuery:
    """A running micro-batch query; what it lacks itself it has from Spark's StreamingQuery.

    Parameters
    ----------
    service : Service
    writer : DataStreamWriter
    checkpoint : str or None
        None: a folder of its own, which nobody needs later.
    """

    def __init__(self, service: Service, writer: Any, checkpoint: str | None) -> None:
        self.service, self.settings = service, service.settings
        self.name = service.settings.name
        if checkpoint is None:
            checkpoint = str(Path(tempfile.gettempdir()) / f"irbis-serving-{uuid4()}")
        self._writer = writer.option("checkpointLocation", checkpoint)
        self._control = service.control
        self._thread: FrontThread | None = None
        self._jobs: FrontJobs | None = None
        self._stopping, self._ended = Event(), Event()
        self._error: Exception | None = None
        self.restarts = 0
        try:
            if service.mode == "server":
                self._start_here()
            else:
                self._start_there()
            self._query = self._writer.start()
        except BaseException:
            self._stop_fronts()
            raise
        Thread(target=self._supervise, name="irbis-microbatches", daemon=True).start()

    def _start_here(self) -> None:
        service, reply = self.service, self.service.reply
        if reply is None:
            raise EngineError("a query without a reply")
        self._thread = FrontThread(lambda: MailFront(service.parser, reply, service.settings))
        self._thread.start()
        front = self._thread.front
        if not isinstance(front, MailFront):
            raise EngineError("a front that is ready and not there")
        port = self._thread.call(front.exchange(self._control.secret, self._control.host))
        self._control.local["0"] = (self._control.host, port)

    def _start_there(self) -> None:
        service, reply = self.service, self.service.reply
        if reply is None:
            raise EngineError("a query without a reply")
        options = service.options

        def task(number: int) -> FrontTask:
            ticket = self._control.ticket(number)
            return FrontTask(ticket, service.settings, service.parser, reply, pure=False)

        fronts = options.get("numPartitions", 1)
        self._jobs = FrontJobs(session_of_its_own(service.spark), self._control, task, fronts)
        self._jobs.wait_for_first(options.get("startTimeout", 120.0))

    def _supervise(self) -> None:
        # Makes the session the active one of this thread, in which a query looks for its sink: on
        # classic Spark every thread has its own.
        self.service.spark.createDataFrame([], "none int")
        failures = 0
        while not self._stopping.is_set():
            began = monotonic()
            try:
                self._query.awaitTermination()
            except Exception as error:  # of any engine
                self._error = error
            if self._stopping.is_set():
                return
            failures = failures + 1 if monotonic() - began < 60 else 1
            said = "it ended" if self._error is None else first_line(self._error)
            log.warning("the query of %s is started again: %s", self.name, said)
            if failures > _GIVE_UP:
                break
            self.restarts += 1
            self._begin_run(self.restarts + 1)
            try:
                self._query = self._writer.start()
            except Exception as error:  # of any engine
                log.warning("it did not start: %s", first_line(error))
                self._error = error
                self._stopping.wait(1.0)
        if not self._stopping.is_set():
            self._stop_fronts()
            self._ended.set()

    def _begin_run(self, run: int) -> None:
        if self._thread is not None and isinstance(self._thread.front, MailFront):
            self._thread.front.mailbox.run = run
        self._control.begin_run(run)

    @property
    def addresses(self) -> list[str]:
        """Where the fronts answer now."""
        if self._thread is not None and self._thread.front is not None:
            return [self._thread.front.address]
        return self._control.addresses

    @property
    def address(self) -> str:
        """The first of them.

        Raises
        ------
        EngineError
            If no front is up at this moment.
        """
        found = self.addresses
        if not found:
            raise EngineError("no front that is up", do="see status and exception()")
        return found[0]

    @property
    def isActive(self) -> bool:
        """Whether it was neither stopped nor given up."""
        return not self._ended.is_set() and not self._stopping.is_set()

    def exception(self) -> Exception | None:
        """What the query gave up on, or None."""
        return self._error if self._ended.is_set() and not self._stopping.is_set() else None

    def awaitTermination(self, timeout: float | None = None) -> bool | None:
        """Wait until it ends, or for `timeout` seconds; then whether it has ended.

        Raises
        ------
        EngineError
            If it gave up.
        """
        ended = self._ended.wait(timeout)
        if (failed := self.exception()) is not None:
            raise EngineError(f"the query gave up: {first_line(failed)}") from failed
        return None if timeout is None else ended

    def stop(self) -> None:
        """Drain the fronts, then end the query."""
        # The query goes on while the fronts drain: it is what answers.
        self._stop_fronts()
        self._stopping.set()
        self._query.stop()
        self._ended.set()

    def _stop_fronts(self) -> None:
        timeout = self.settings.drain_timeout + 10
        if self._thread is not None:
            self._thread.stop(timeout)
        if self._jobs is not None:
            self._jobs.stop(timeout)
        self._control.close()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._query, name)
