"""A front's side of its lease: it serves as long as its query says so, and not a moment as an orphan.

The query's process holds the other end of a TCP connection. If it stops, dies or falls silent, the
front drains and ends by itself.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

from irbis.serving.lines import Lines

__all__ = ["BEAT_SECONDS", "SILENCE_SECONDS", "Lease", "Ticket"]

#: Between two signs of life.
BEAT_SECONDS = 0.5
#: A query that says nothing for so long is gone.
SILENCE_SECONDS = 10.0


@dataclass(frozen=True, repr=False)
class Ticket:
    """What a front needs to find its query; travels with its function.

    Parameters
    ----------
    host, port : str, int
        Where the query listens.
    secret : str
    front : int
        Number of the front within the query.
    """

    host: str
    port: int
    secret: str
    front: int


class Lease:
    """The connection to the query.

    Parameters
    ----------
    ticket : Ticket

    Raises
    ------
    ConnectionError
        If there is no query any more, or it does not know the secret.
    """

    def __init__(self, ticket: Ticket) -> None:
        sock = socket.create_connection((ticket.host, ticket.port), timeout=SILENCE_SECONDS)
        #: This machine's address as the query sees it.
        self.own_host = str(sock.getsockname()[0])
        self.lines = Lines(sock)
        self.over = Event()
        hello = {"secret": ticket.secret, "front": ticket.front, "pid": os.getpid()}
        self.lines.send({**hello, "host": socket.gethostname()})
        # The query lets one front of a machine begin at a time: this answer may take a while.
        sock.settimeout(120.0)
        told = self.lines.read()
        sock.settimeout(SILENCE_SECONDS)
        if told is None:
            raise ConnectionError("the query is gone")
        #: Port to share, or 0; and whether this is the first front of the query on this machine.
        self.port, self.first = int(told["port"]), bool(told["first"])

    def ready(self, address: str, port: int, exchange: int | None = None) -> None:
        """Tell the address, and the port of the exchange if there is one."""
        told = {"address": address, "bound": port, "exchange": [self.own_host, exchange]}
        self.lines.send(told)

    def failed(self, error: BaseException) -> None:
        """Tell why the front can't start."""
        self.lines.send({"error": f"{type(error).__name__}: {error}"})

    def watch(
        self, told: Callable[[list[str]], None], run: Callable[[int], None] = lambda _: None
    ) -> None:
        """Listen from now on.

        Parameters
        ----------
        told : callable
            Gets the addresses of all fronts of the query, whenever they change.
        run : callable
            Gets the number of the query's run, when it begins a new one.
        """

        def listen() -> None:
            for document in self.lines:
                if "fronts" in document:
                    told(document["fronts"])
                if "run" in document:
                    run(int(document["run"]))
                if document.get("stop"):
                    break
            self.over.set()

        Thread(target=listen, name="irbis-lease", daemon=True).start()

    def beat(self, progress: dict[str, Any]) -> None:
        """Give a sign of life."""
        if not self.lines.send({"progress": progress}):
            self.over.set()

    def close(self) -> None:
        """End it."""
        self.lines.send({"bye": True})
        self.lines.close()
