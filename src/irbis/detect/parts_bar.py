"""A progress bar that moves with the files that a Spark job's tasks leave."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

__all__ = ["counting_parts"]

_SECONDS = 0.5


@contextmanager
def counting_parts(place: str, bar: Any) -> Iterator[None]:
    """Update the bar while the block lasts: one for each new Parquet file in a local folder."""
    before = _parts(place)
    ended = Event()

    def move() -> None:
        bar.update(max(0, _parts(place) - before - bar.n))

    def look() -> None:
        while not ended.wait(_SECONDS):
            move()

    looking = Thread(target=look, name="irbis parts", daemon=True)
    looking.start()
    try:
        yield
    finally:
        ended.set()
        looking.join()
        move()


def _parts(place: str) -> int:
    if "://" in place or not Path(place).is_dir():
        return 0
    with os.scandir(place) as entries:
        return sum(e.name.endswith(".parquet") for e in entries)
