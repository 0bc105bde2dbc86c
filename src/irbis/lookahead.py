"""Work on the next items while the first ones are waited for: order kept, nothing piles up."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

__all__ = ["chunked", "ordered"]

A = TypeVar("A")
B = TypeVar("B")


def ordered(
    apply: Callable[[A], B], items: Iterable[A], workers: int, ahead: int | None = None
) -> Iterator[B]:
    """Map in threads; results come in the order of the items.

    Decoding and inference let go of Python's lock, so threads use cores. One worker means no
    threads at all: on a task's single core they could only take turns.

    Parameters
    ----------
    apply : callable
    items : iterable
        Read one by one, never more than `ahead` before the result that is waited for.
    workers : int, from 1
    ahead : int, default 2 * workers
        How many items are in the works at most.

    Examples
    --------
    >>> list(ordered(abs, [-1, 2, -3], workers=2))
    [1, 2, 3]
    """
    if workers == 1 and ahead is None:
        yield from map(apply, items)
        return
    waiting: deque[Future[B]] = deque()
    source = iter(items)
    with ThreadPoolExecutor(workers, thread_name_prefix="irbis") as pool:
        try:
            for item in source:
                waiting.append(pool.submit(apply, item))
                if len(waiting) >= (ahead or 2 * workers):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:  # the reader stopped early, or an item failed: the rest is not wanted
            for future in waiting:
                future.cancel()


def chunked(items: Iterable[A], size: int) -> Iterator[list[A]]:
    """Cut into lists of `size`, the last one shorter.

    Examples
    --------
    >>> list(chunked("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    source = iter(items)
    while part := list(islice(source, size)):
        yield part
