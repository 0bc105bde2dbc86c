"""Follows a history and tells whoever waits: between the folder and the web server."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from irbis.monitor.history import MANY, History
from irbis.monitor.page_state import PageState

__all__ = ["PageFeed"]

_LOOK = 0.2  # seconds between looks at the folder
_AGE = 15.0  # seconds after which a page is told again, for numbers that age by themselves


class PageFeed:
    """The newest state of a page, and a way to wait for the next.

    Parameters
    ----------
    history : History
    title : str
    status : function
        () -> {"state": "running" | "stopped" | "failed", "message": str}.
    """

    def __init__(self, history: History, title: str, status: Callable[[], dict[str, str]]) -> None:
        self.history, self.title, self._status = history, title, status
        self._last, kept = history.snapshot()
        self._state = PageState(kept)
        self._changed = threading.Condition()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self.version, self.text = 0, ""
        self._loose = 0  # documents since they last became one
        self.look()

    def start(self) -> None:
        """Follow the folder in a thread."""
        self._thread = threading.Thread(target=self._follow, name="irbis-page", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop following, and wake everybody who waits."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
        with self._changed:
            self._changed.notify_all()

    @property
    def ended(self) -> bool:
        """Whether nothing comes any more."""
        return self._ending.is_set()

    def look(self) -> None:
        """Read what is new in the folder."""
        with self._changed:
            for number, batch in self.history.since(self._last):
                self._state.add(number, batch)
                self._last = number
                self._loose += 1
            if self._loose >= MANY:
                self.history.gather(self._last, self._state.kept())
                self._loose = 0
            page: dict[str, Any] = {
                "title": self.title,
                "query": self._status(),
                **self._state.page(datetime.now(UTC)),
            }
            text = json.dumps(page)
            if text != self.text:
                self.version, self.text = self.version + 1, text
                self._changed.notify_all()

    def wait(self, version: int, seconds: float = _AGE) -> tuple[int, str]:
        """Wait for a state after a version; the same one where none came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self.version > version or self.ended, seconds)
            return self.version, self.text

    def thumbnail(self, number: str) -> bytes | None:
        """Picture of a find that is shown."""
        with self._changed:
            return self._state.thumbnail(number)

    def _follow(self) -> None:
        while not self._ending.wait(_LOOK):
            self.look()
