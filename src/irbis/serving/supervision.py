"""Long tasks of Spark that hold fronts: submitted, watched, and submitted again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic
from uuid import uuid4

from pyspark.sql import SparkSession

from irbis.errors import EngineError, ParamError
from irbis.serving.control import Control
from irbis.serving.running import first_line
from irbis.serving.worker import FrontTask

__all__ = ["FrontJobs", "session_of_its_own"]

log = logging.getLogger("irbis.serving")
# Failures in a row, none of them after half a minute of service, after which a front is given up.
_GIVE_UP = 5


class FrontJobs:
    """One job of one task for each front: a worker that dies takes no other front along.

    Parameters
    ----------
    spark : SparkSession
        It gets tagged: see :func:`session_of_its_own`.
    control : Control
    make : callable
        Makes the task of a front, of its number.
    fronts : int
    """

    def __init__(
        self, spark: SparkSession, control: Control, make: Callable[[int], FrontTask], fronts: int
    ) -> None:
        self.spark, self.control, self.make, self.fronts = spark, control, make, fronts
        self.tag = f"irbis-serving-{uuid4()}"
        self.stopping, self.ended = Event(), Event()
        self.error: Exception | None = None
        self.restarts = 0
        self.threads = [
            Thread(target=self._supervise, args=(n,), name=f"irbis-front-{n}", daemon=True)
            for n in range(fronts)
        ]
        for thread in self.threads:
            thread.start()
        Thread(target=self._wait_for_all, daemon=True).start()

    def wait_for_first(self, timeout: float) -> None:
        """Wait until a front is up.

        Raises
        ------
        ParamError
            If a front can't have its address.
        EngineError
            If none comes up.
        """
        control = self.control
        with control.changed:
            control.changed.wait_for(
                lambda: control.errors or self.ended.is_set() or control.fronts, timeout=timeout
            )
        if control.fronts:
            return
        said = control.errors[0] if control.errors else ""
        failed = self.error
        self.stop(1.0)
        if said.startswith("ParamError: got "):
            raise ParamError(said.removeprefix("ParamError: got "))
        if said or failed is not None:
            raise EngineError(f"no front: {said or first_line(failed)}") from failed
        raise EngineError(
            f"no front after {timeout:g} s",
            expected="a free task slot for each front",
            do="free or add cores, or lower numPartitions",
        )

    def _supervise(self, number: int) -> None:
        task = self.make(number)
        self.spark.addTag(self.tag)
        failures = 0
        while not self.stopping.is_set():
            began = monotonic()
            error: Exception | None = None
            try:
                # One row in one partition: Spark gives an empty one no task.
                frame = self.spark.range(0, 1, 1, 1).mapInArrow(task, "beat binary")
                frame.write.format("noop").mode("overwrite").save()
            except Exception as raised:  # of any engine: what counts is that the front is gone
                error = raised
            if self.stopping.is_set():
                return
            failures = failures + 1 if monotonic() - began < 30 else 1
            self.restarts += 1
            self.error = error or self.error
            said = "it ended" if error is None else first_line(error)
            log.warning("front %d is submitted again: %s", number, said)
            if failures > _GIVE_UP:
                self.error = self.error or EngineError("a front ended by itself, again and again")
                return
            self.stopping.wait(min(0.1 * 2**failures, 5.0))

    def _wait_for_all(self) -> None:
        for thread in self.threads:
            thread.join()
        self.ended.set()
        with self.control.changed:
            self.control.changed.notify_all()

    def stop(self, timeout: float) -> None:
        """Drain all fronts, for so long at most, and end the jobs."""
        self.stopping.set()
        self.control.stop_fronts()
        until = monotonic() + timeout
        for thread in self.threads:
            thread.join(max(until - monotonic(), 0.1) if self.control.fronts else 1.0)
        if any(thread.is_alive() for thread in self.threads):
            self.control.close()
            self.spark.interruptTag(self.tag)
            for thread in self.threads:
                thread.join(10)
        self.ended.set()
        self.control.close()


def session_of_its_own(spark: SparkSession) -> SparkSession:
    """A second session beside the user's, on classic Spark, where a tag harms the one that has it.

    `addTag` makes Spark 4.3's classic session one that can't be serialised, and a fitted
    LogisticRegressionModel drags its session into each of its tasks: they would fail from then on.
    """
    if type(spark).__module__.startswith("pyspark.sql.connect"):
        return spark
    return spark.newSession()
