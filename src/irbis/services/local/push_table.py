"""Push semantic models in memory, with the limits that Microsoft documents for them."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from irbis.services.local.wire import RefusedError

__all__ = ["Model", "PushLimits"]

_KEPT = 200_000  # rows a table of the FIFO policy holds


@dataclass(frozen=True)
class PushLimits:
    """The documented limits; `speed` makes the stand-in's clock run faster, and so them shorter.

    https://learn.microsoft.com/power-bi/developer/embedded/push-datasets-limitations.
    """

    rows: int = 10_000
    requests_per_minute: int = 120
    rows_per_hour: int = 1_000_000
    pending: int = 5
    columns: int = 75
    characters: int = 4_000
    large_table: int = 250_000
    speed: float = 1.0


@dataclass
class Model:
    """A semantic model: its tables' rows, and what was asked of it lately.

    Parameters
    ----------
    limits : PushLimits
    columns : dict of table to dict of column to type
        Empty: whatever comes is taken.
    clock : function, default time.monotonic
        Seconds.
    """

    limits: PushLimits
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    rows: dict[str, deque[dict[str, Any]]] = field(default_factory=dict)
    batches: list[tuple[str, int]] = field(default_factory=list)
    accepted: int = 0
    refused: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._pending = 0
        self._times: deque[float] = deque()
        self._counts: deque[tuple[float, int]] = deque()

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """Hold one of the few places for requests at once."""
        with self._lock:
            full = self._pending >= self.limits.pending
            self._pending += not full
        if full:
            raise self._too_many(1.0, "more requests at once than may be pending")
        try:
            yield
        finally:
            with self._lock:
                self._pending -= 1

    def add(self, table: str, rows: list[Any], batch: str) -> None:
        """Add rows, all of them or none.

        Raises
        ------
        RefusedError
            429 beyond a limit of rate, 400 and 413 for rows that do not fit.
        """
        with self._lock:
            self._check_rate(table, len(rows))
            for row in rows:
                self._check_row(table, row)
            now = self.clock()
            self._times.append(now)
            self._counts.append((now, len(rows)))
            self.rows.setdefault(table, deque(maxlen=_KEPT)).extend(rows)
            self.batches.append((batch, len(rows)))
            self.accepted += len(rows)

    def note(self, status: int) -> None:
        """Count a refusal."""
        with self._lock:
            self.refused[status] = self.refused.get(status, 0) + 1

    def _check_rate(self, table: str, count: int) -> None:
        limits, now = self.limits, self.clock()
        minute, hour = 60 / limits.speed, 3600 / limits.speed
        while self._counts and self._counts[0][0] <= now - hour:
            self._counts.popleft()
        while self._times and self._times[0] <= now - hour:
            self._times.popleft()
        if count > limits.rows:
            raise RefusedError(413, "RequestTooLarge", f"More than {limits.rows} rows.")
        if sum(n for _, n in self._counts) + count > limits.rows_per_hour:
            wait = self._counts[0][0] + hour - now
            raise self._too_many(wait, "You are over your rows per hour limit for this dataset.")
        large = len(self.rows.get(table, ())) >= limits.large_table
        window = hour if large else minute
        recent = [t for t in self._times if t > now - window]
        if len(recent) >= limits.requests_per_minute:
            raise self._too_many(recent[0] + window - now, "Too many requests.")

    def _too_many(self, seconds: float, text: str) -> RefusedError:
        error = RefusedError(429, "TooManyRequests", text)
        error.headers = {"Retry-After": str(max(1, math.ceil(seconds)))}
        return error

    def _check_row(self, table: str, row: Any) -> None:
        if not isinstance(row, dict):
            raise RefusedError(400, "InvalidRow", "A row is an object.")
        if len(row) > self.limits.columns:
            raise RefusedError(400, "TooManyColumns", f"More than {self.limits.columns} columns.")
        known = self.columns.get(table)
        for name, value in row.items():
            if isinstance(value, str) and len(value) > self.limits.characters:
                text = f"Column '{name}' holds more than {self.limits.characters} characters."
                raise RefusedError(400, "StringTooLong", text)
            if known is None:
                continue
            if name not in known:
                raise RefusedError(400, "UnknownColumn", f"There is no column '{name}'.")
            if value is not None and not _FITS[known[name]](value):
                raise RefusedError(400, "WrongType", f"Column '{name}' is {known[name]}.")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_time(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value) is not None
    except ValueError:
        return False


_FITS: dict[str, Callable[[Any], bool]] = {
    "Int64": lambda v: isinstance(v, int) and not isinstance(v, bool) and -(1 << 63) <= v < 1 << 63,
    "Double": _is_number,
    "Decimal": _is_number,
    "Boolean": lambda v: isinstance(v, bool),
    "Bool": lambda v: isinstance(v, bool),
    "DateTime": _is_time,
    "Datetime": _is_time,
    "String": lambda v: isinstance(v, str),
}
