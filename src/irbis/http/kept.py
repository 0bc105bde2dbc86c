"""Which hosts' connections stay open: a crawl over many hosts must not run out of file handles."""

from __future__ import annotations

from collections import OrderedDict

__all__ = ["KEEP_ALIVE", "KeptHosts"]

#: Seconds that an idle connection stays open.
KEEP_ALIVE = 15.0
_MOST = 100


class KeptHosts:
    """The hosts called last; a connection to another is closed after its answer.

    Examples
    --------
    >>> hosts = KeptHosts(most=1)
    >>> hosts.keeps("a", now=0.0), hosts.keeps("b", now=1.0), hosts.keeps("b", now=20.0)
    (True, False, True)
    """

    def __init__(self, most: int = _MOST) -> None:
        self.most = most
        self.last: OrderedDict[str, float] = OrderedDict()

    def keeps(self, host: str, now: float) -> bool:
        """Whether a connection to a host that is called now may stay open."""
        if host not in self.last and len(self.last) >= self.most:
            oldest = next(iter(self.last))
            if now - self.last[oldest] < KEEP_ALIVE:
                return False
            del self.last[oldest]  # its connections are closed by now
        self.last[host] = now
        self.last.move_to_end(host)
        return True
