"""Counters of a front as Prometheus text. Plain numbers: one thread writes them, on every request."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence

__all__ = ["Histogram", "Metrics"]

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ROWS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)


class Histogram:
    """Counts of values up to each bound.

    Examples
    --------
    >>> sizes = Histogram((1.0, 2.0))
    >>> sizes.observe(2.0)
    >>> sizes.lines("rows")[:3]
    ['rows_bucket{le="1.0"} 0', 'rows_bucket{le="2.0"} 1', 'rows_bucket{le="+Inf"} 1']
    """

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    @property
    def count(self) -> int:
        """Number of values."""
        return sum(self.counts)

    def lines(self, name: str) -> list[str]:
        """Write it in Prometheus's text format."""
        made, total = [], 0
        for bound, count in zip((*self.bounds, "+Inf"), self.counts, strict=True):
            total += count
            made.append(f'{name}_bucket{{le="{bound}"}} {total}')
        return [*made, f"{name}_sum {self.sum:.9g}", f"{name}_count {total}"]


class Metrics:
    """What a front counts."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, int]] = Counter()
        self.latency = Histogram(_SECONDS)
        self.batch_rows = Histogram(_ROWS)
        self.batch_seconds = Histogram(_SECONDS)
        #: Name, what it is, and how to read it now.
        self.gauges: list[tuple[str, str, Callable[[], float]]] = []

    def text(self) -> str:
        """Write all in Prometheus's text format, version 0.0.4."""
        lines = [
            "# HELP irbis_requests_total Requests answered, by route and status.",
            "# TYPE irbis_requests_total counter",
        ]
        lines += [
            f'irbis_requests_total{{route="{route}",status="{status}"}} {count}'
            for (route, status), count in sorted(self.requests.items())
        ]
        for name, what, histogram in (
            ("irbis_request_seconds", "Seconds from a whole request to its reply.", self.latency),
            ("irbis_batch_rows", "Requests in a batch.", self.batch_rows),
            ("irbis_batch_seconds", "Seconds that a batch took.", self.batch_seconds),
        ):
            lines += [f"# HELP {name} {what}", f"# TYPE {name} histogram", *histogram.lines(name)]
        for name, what, read in self.gauges:
            lines += [f"# HELP {name} {what}", f"# TYPE {name} gauge", f"{name} {read():g}"]
        return "\n".join(lines) + "\n"
