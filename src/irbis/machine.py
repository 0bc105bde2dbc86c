"""How much memory this machine, or this container, has."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["driver_memory", "memory"]

_GIB = 1 << 30
# Where Linux says what a container may use: cgroup v2, then v1.
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def memory() -> int | None:
    """Bytes of memory, or of the container's limit if that is lower; None where it can't be known.

    Examples
    --------
    >>> memory() is None or memory() > 0
    True
    """
    try:
        found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None
    for name in _LIMITS:
        try:
            found = min(found, int(Path(name).read_text()))
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return found


def driver_memory(total: int | None) -> str:
    """Heap of a local session: a quarter of the memory, from 1 to 8 GiB.

    The rest is for the Python workers, one for each core, each with a network of its own.

    Examples
    --------
    >>> driver_memory(16 << 30), driver_memory(1 << 30), driver_memory(1 << 40), driver_memory(None)
    ('4096m', '1024m', '8192m', '2048m')
    """
    quarter = 2 * _GIB if total is None else total // 4
    return f"{max(_GIB, min(8 * _GIB, quarter)) >> 20}m"
