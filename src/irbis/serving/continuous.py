"""continuousServer: a query whose fronts are long tasks of Spark, supervised from the driver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from pyspark.sql import SparkSession

from irbis.serving.compiling import Compiled
from irbis.serving.control import Control
from irbis.serving.reachable import reachable_host
from irbis.serving.request_parser import RequestParser
from irbis.serving.running import RunningQuery
from irbis.serving.settings import FrontSettings
from irbis.serving.supervision import FrontJobs, session_of_its_own
from irbis.serving.worker import FrontTask
from irbis.shipping import files_in, ship

__all__ = ["ContinuousQuery", "Plan"]


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


class ContinuousQuery(RunningQuery):
    """A running continuous query, with what a StreamingQuery has.

    ``start()`` of a serving frame makes it. Its fronts are tasks; if one dies its job is submitted
    again. They end with :meth:`stop`, and by themselves when this process is gone.
    """

    def __init__(self, spark: SparkSession, plan: Plan) -> None:
        self.plan = plan
        self.name = plan.settings.name
        self.id = self.runId = str(uuid4())
        spark = session_of_its_own(spark)
        ship(spark, files_in(plan.compiled.served))
        self._control = control = Control(reachable_host(spark))
        compiled = plan.compiled

        def task(number: int) -> FrontTask:
            ticket = control.ticket(number)
            return FrontTask(
                ticket, plan.settings, plan.parser, compiled.served, pure=compiled.pure
            )

        self._life = self._jobs = FrontJobs(spark, control, task, plan.fronts)
        self._jobs.wait_for_first(plan.start_timeout)

    # -- what StreamingQuery has --------------------------------------------------------------------

    @property
    def addresses(self) -> list[str]:
        """Where the fronts answer now; several of one machine share an address."""
        return self._control.addresses

    @property
    def status(self) -> dict[str, Any]:
        """Message, and whether requests are answered at this moment."""
        up = len(self._control.progress())
        message = "Stopped" if not self.isActive else f"{up} of {self.plan.fronts} fronts are up"
        return {
            "message": message,
            "isDataAvailable": up > 0,
            "isTriggerActive": up > 0,
            "restarts": self._jobs.restarts,
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

    def processAllAvailable(self) -> None:
        """Do nothing: a request is processed when it comes."""

    def stop(self) -> None:
        """Drain all fronts and end; returns when the socket is closed."""
        self._jobs.stop(self.plan.settings.drain_timeout + 5)
