"""One copy per process of what is heavy: ten batches and two fused stages load a model once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

__all__ = ["cached"]

T = TypeVar("T")
_CAPACITY = 8
_lock = threading.RLock()
_held: OrderedDict[Hashable, Any] = OrderedDict()


def cached(key: Hashable, load: Callable[[], T]) -> T:
    """Return what `load` made for `key` in this process, the least recently used dropped first.

    Parameters
    ----------
    key : hashable
        Everything the result depends on: a class, its settings, a file's hash.
    load : callable

    Examples
    --------
    >>> cached("a", lambda: 1), cached("a", lambda: 2)
    (1, 1)
    """
    with _lock:
        if key not in _held:
            _held[key] = load()
            while len(_held) > _CAPACITY:
                _held.popitem(last=False)
        _held.move_to_end(key)
        return cast("T", _held[key])
