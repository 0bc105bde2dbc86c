"""What the queries of every serving mode have in common with Spark's StreamingQuery."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

from irbis.errors import EngineError

__all__ = ["Life", "Lives", "RunningQuery", "first_line"]


class Lives(Protocol):
    """How far something is on its way: being stopped, over, and what it died of."""

    stopping: Event
    ended: Event
    error: Exception | None


@dataclass
class Life:
    """A life of its own; see :class:`Lives`."""

    stopping: Event = field(default_factory=Event)
    ended: Event = field(default_factory=Event)
    error: Exception | None = None


class RunningQuery(ABC):
    """A query that was started."""

    _life: Lives

    @property
    @abstractmethod
    def addresses(self) -> list[str]:
        """Where the fronts answer now; several of one machine share an address."""

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
        return not self._life.ended.is_set() and not self._life.stopping.is_set()

    def exception(self) -> Exception | None:
        """What the query gave up on, or None."""
        gave_up = self._life.ended.is_set() and not self._life.stopping.is_set()
        return self._life.error if gave_up else None

    def awaitTermination(self, timeout: float | None = None) -> bool | None:
        """Wait until it ends, or for `timeout` seconds; then whether it has ended.

        Raises
        ------
        EngineError
            If it gave up.
        """
        ended = self._life.ended.wait(timeout)
        if (failed := self.exception()) is not None:
            raise EngineError(f"the query gave up: {first_line(failed)}") from failed
        return None if timeout is None else ended


def first_line(error: BaseException | None) -> str:
    """First line of what an error says: Spark's go on for pages."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
