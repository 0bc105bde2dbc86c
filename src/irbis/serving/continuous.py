"""continuousServer: a query whose fronts are long tasks of Spark, supervised from the driver."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic
from typing import Any
from uuid import uuid4

from pyspark.sql import SparkSession

from irbis.errors import EngineError, ParamError
from irbis.serving.compiling import Compiled
from irbis.serving.control import Control
from irbis.serving.reachable import reachable_host
from irbis.serving.request_parser import RequestParser
from irbis.serving.settings import FrontSettings
from irbis.serving.worker import FrontTask
from irbis.shipping import files_in, ship

__all__ = ["ContinuousQuery", "Plan"]

log = logging.getLogger("irbis.serving")
# Failures in a row, without a front that got ready in between, after which the query gives up.
_GIVE_UP = 5


@dataclass(frozen=True)
class Plan:
    """What a continuous query runs.

    Parameters
    ----------
    settings : FrontSettings
    parser : RequestParser
    compiled : Compiled
    fronts : int
        One job of one task each: a worker that dies takes no other front along.
    start_timeout : float, seconds
        For the first front.
    """

    settings: FrontSettings
    parser: RequestParser
    compiled: Compiled
    fronts: int = 1
    start_timeout: float = 120.0


class ContinuousQuery:
    """A running continuous query, with what a StreamingQuery has.

    ``start()`` of a serving frame makes it. Its fronts are tasks; if one dies its job is submitted
    again. They end with :meth:`stop`, and by themselves when this process is gone.
    """

    def __init__(self, spark: SparkSession, plan: Plan) -> None:
        self.spark, self.plan = spark, plan
        self.name = plan.settings.name
        self.id = self.runId = str(uuid4())
        self._tag = f"irbis-serving-{self.id}"
        self._stopping, self._ended = Event(), Event()
        self._error: Exception | None = None
        self.restarts = 0
        ship(spark, files_in(plan.compiled.served))
        self._control = Control(reachable_host(spark))
        self._threads = [
            Thread(target=self._supervise, args=(n,), name=f"irbis-front-{n}", daemon=True)
            for n in range(plan.fronts)
        ]
        for thread in self._threads:
            thread.start()
        Thread(target=self._wait_for_all, daemon=True).start()
        self._wait_for_first()

    def _wait_for_first(self) -> None:
        control = self._control

        def settled() -> bool:
            return bool(control.errors or self._ended.is_set() or any(control.fronts.values()))

        with control.changed:
            control.changed.wait_for(settled, timeout=self.plan.start_timeout)
        if control.fronts:
            return
        said = control.errors[:1]
        failed = self._error
        self.stop()
        if said:
            kind, _, message = said[0].partition(": ")
            made = ParamError if kind == "ParamError" else EngineError
            raise made(message.removeprefix("got ") if kind == "ParamError" else said[0])
        if failed is not None:
            raise EngineError(f"no front: {_first_line(failed)}") from failed
        raise EngineError(
            f"no front after {self.plan.start_timeout:g} s",
            expected="a free task slot for each front",
            do="free or add cores, or lower numPartitions",
        )

    # -- one front --------------------------------------------------------------------------------

    def _supervise(self, number: int) -> None:
        plan = self.plan
        task = FrontTask(
            self._control.ticket(number),
            plan.settings,
            plan.parser,
            plan.compiled.served,
            plan.compiled.pure,
        )
        self.spark.addTag(self._tag)
        failures = 0
        while not self._stopping.is_set():
            began = monotonic()
            try:
                # One row in one partition: Spark gives an empty one no task.
                frame = self.spark.range(0, 1, 1, 1).mapInArrow(task, "beat binary")
                frame.write.format("noop").mode("overwrite").save()
                error: Exception | None = None
            except Exception as raised:  # of any engine: what counts is that the front is gone
                error = raised
            if self._stopping.is_set():
                return
            failures = failures + 1 if monotonic() - began < 30 else 1
            self.restarts += 1
            self._error = error or self._error
            said = "ended" if error is None else _first_line(error)
            log.warning("front %d of %s is submitted again: %s", number, self.name, said)
            if failures > _GIVE_UP:
                self._control.errors.append(f"EngineError: {said}")
                return
            self._stopping.wait(min(0.1 * 2**failures, 5.0))

    def _wait_for_all(self) -> None:
        for thread in self._threads:
            thread.join()
        self._ended.set()
        self._control.close()

    # -- what StreamingQuery has --------------------------------------------------------------------

    @property
    def addresses(self) -> list[str]:
        """Where the fronts answer now; several of one machine share an address."""
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

    @property
    def status(self) -> dict[str, Any]:
        """Message, and whether requests are answered at this moment."""
        up = len(self._control.progress())
        message = "Stopped" if not self.isActive else f"{up} of {self.plan.fronts} fronts are up"
        return {
            "message": message,
            "isDataAvailable": up > 0,
            "isTriggerActive": up > 0,
            "restarts": self.restarts,
        }

    @property
    def lastProgress(self) -> dict[str, Any] | None:
        """Counts of each front since it came up, not older than a second; None before the first."""
        fronts = self._control.progress()
        if not fronts:
            return None
        rows = sum(f.get("requests", 0) for f in fronts)
        return {
            "id": self.id,
            "runId": self.runId,
            "name": self.name,
            "numInputRows": rows,
            "sources": fronts,
        }

    @property
    def recentProgress(self) -> list[dict[str, Any]]:
        """The last progress, as a list."""
        last = self.lastProgress
        return [] if last is None else [last]

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
            raise EngineError(f"the query gave up: {_first_line(failed)}") from failed
        return None if timeout is None else ended

    def processAllAvailable(self) -> None:
        """Do nothing: a request is processed when it comes."""

    def stop(self) -> None:
        """Drain all fronts and end; returns when the socket is closed."""
        self._stopping.set()
        self._control.stop_fronts()
        until = monotonic() + self.plan.settings.drain_timeout + 5
        for thread in self._threads:
            thread.join(max(until - monotonic(), 0.1) if self._control.fronts else 1.0)
        if any(thread.is_alive() for thread in self._threads):
            self._control.close()
            self.spark.interruptTag(self._tag)
            for thread in self._threads:
                thread.join(10)
        self._ended.set()
        self._control.close()


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
