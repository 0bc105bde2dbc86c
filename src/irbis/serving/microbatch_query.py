"""The query of server and distributedServer: a StreamingQuery with its fronts, run again if it dies."""

from __future__ import annotations

import logging
import shutil
import tempfile
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from irbis.errors import EngineError
from irbis.serving.front_thread import FrontThread
from irbis.serving.mail_front import MailFront
from irbis.serving.running import Life, RunningQuery, first_line
from irbis.serving.supervision import FrontJobs, session_of_its_own
from irbis.serving.worker import FrontTask

if TYPE_CHECKING:
    from irbis.serving.microbatch import Service

__all__ = ["MicroBatchQuery"]

log = logging.getLogger("irbis.serving")
# Runs in a row that died without a batch of their own in a minute.
_GIVE_UP = 20


class MicroBatchQuery(RunningQuery):
    """A running micro-batch query; what it lacks itself it has from Spark's StreamingQuery.

    Parameters
    ----------
    service : Service
    writer : DataStreamWriter
    checkpoint : str or None
        None: a folder of its own, removed when the query is stopped.
    """

    def __init__(self, service: Service, writer: Any, checkpoint: str | None) -> None:
        self.service, self.settings = service, service.settings
        self.name = service.settings.name
        self._own_checkpoint = None
        if checkpoint is None:
            checkpoint = str(Path(tempfile.gettempdir()) / f"irbis-serving-{uuid4()}")
            self._own_checkpoint = checkpoint
        self._writer = writer.option("checkpointLocation", checkpoint)
        self._control = service.control
        self._thread: FrontThread | None = None
        self._jobs: FrontJobs | None = None
        self._life = Life()
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
        while not self._life.stopping.is_set():
            began = monotonic()
            try:
                self._query.awaitTermination()
            except Exception as error:  # of any engine
                self._life.error = error
            if self._life.stopping.is_set():
                return
            failures = failures + 1 if monotonic() - began < 60 else 1
            said = "it ended" if self._life.error is None else first_line(self._life.error)
            log.warning("the query of %s is started again: %s", self.name, said)
            if failures > _GIVE_UP:
                break
            self.restarts += 1
            self._begin_run(self.restarts + 1)
            try:
                self._query = self._writer.start()
            except Exception as error:  # of any engine
                log.warning("it did not start: %s", first_line(error))
                self._life.error = error
                self._life.stopping.wait(1.0)
        if not self._life.stopping.is_set():
            self._stop_fronts()
            self._life.ended.set()

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

    def stop(self) -> None:
        """Drain the fronts, then end the query."""
        # The query goes on while the fronts drain: it is what answers.
        self._stop_fronts()
        self._life.stopping.set()
        self._query.stop()
        self._life.ended.set()
        if self._own_checkpoint is not None:
            shutil.rmtree(self._own_checkpoint, ignore_errors=True)

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
