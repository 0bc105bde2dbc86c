"""The query's side of the lease: who serves where, and since when not any more."""

from __future__ import annotations

import contextlib
import hmac
import secrets
import socket
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any

from irbis.serving.lease import BEAT_SECONDS, SILENCE_SECONDS, Ticket
from irbis.serving.lines import Lines

__all__ = ["Control", "exchanges"]


@dataclass
class _Known:
    """A front that has connected."""

    lines: Lines
    host: str
    pid: int
    address: str = ""
    exchange: tuple[str, int] | None = None
    progress: dict[str, Any] = field(default_factory=dict)


class Control:
    """Listens for the fronts of one query, in threads of the driver's process.

    Parameters
    ----------
    host : str
        Address at which workers reach this process.
    """

    def __init__(self, host: str) -> None:
        self.host, self.secret = host, secrets.token_hex(16)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sock = socket.create_server((host, 0), family=family, backlog=64)
        self.port = int(self.sock.getsockname()[1])
        self.changed = Condition()
        self.fronts: dict[int, _Known] = {}
        #: Port of the query on each machine, from its first front on: a front that comes back keeps it.
        self.ports: dict[str, int] = {}
        self.starting: dict[str, int] = {}
        self.errors: list[str] = []
        #: Mailboxes in this process.
        self.local: dict[str, tuple[str, int]] = {}
        self.closed = False
        Thread(target=self._accept, name="irbis-control", daemon=True).start()
        Thread(target=self._ping, name="irbis-control-beat", daemon=True).start()

    def ticket(self, front: int) -> Ticket:
        """Make what a front needs to find us."""
        return Ticket(self.host, self.port, self.secret, front)

    @property
    def addresses(self) -> list[str]:
        """Where fronts answer now."""
        with self.changed:
            return sorted({f.address for f in self.fronts.values() if f.address})

    def progress(self) -> list[dict[str, Any]]:
        """What each front told last."""
        with self.changed:
            known = sorted(self.fronts.items())
            return [
                {"front": n, "address": f.address, "host": f.host, "pid": f.pid, **f.progress}
                for n, f in known
                if f.address
            ]

    def exchanges(self) -> dict[str, tuple[str, int]]:
        """Where the mailbox of each front is reached."""
        with self.changed:
            found = {str(n): f.exchange for n, f in self.fronts.items() if f.exchange}
            return {**found, **self.local}

    def begin_run(self, run: int) -> None:
        """Tell all fronts that the query begins anew."""
        for known in list(self.fronts.values()):
            known.lines.send({"run": run})

    def _accept(self) -> None:
        while not self.closed:
            try:
                sock, _ = self.sock.accept()
            except OSError:
                return
            sock.settimeout(SILENCE_SECONDS)
            Thread(target=self._talk, args=(Lines(sock),), daemon=True).start()

    def _talk(self, lines: Lines) -> None:
        hello = lines.read() or {}
        given = str(hello.get("secret", ""))
        if not hmac.compare_digest(given.encode(), self.secret.encode()) or self.closed:
            lines.close()
            return
        if hello.get("ask") == "exchanges":
            lines.send({"exchanges": self.exchanges()})
            lines.close()
            return
        number, host = int(hello["front"]), str(hello["host"])
        known = _Known(lines, host, int(hello["pid"]))
        try:
            first = self._turn(host, number)
            lines.send({"port": self.ports.get(host, 0), "first": first})
            # It loads its model now, which may take long.
            lines.sock.settimeout(600.0)
            self._listen(number, known)
        finally:
            lines.close()
            with self.changed:
                if self.fronts.get(number) is known:
                    del self.fronts[number]
                if self.starting.get(host) == number:
                    del self.starting[host]
                self.changed.notify_all()
            self._tell()

    def _turn(self, host: str, number: int) -> bool:
        """Wait until no other front of the machine is starting; whether this one is its first."""
        with self.changed:
            self.changed.wait_for(lambda: host not in self.starting or self.closed, timeout=100)
            self.starting[host] = number
            return not any(f.host == host and f.address for f in self.fronts.values())

    def _listen(self, number: int, known: _Known) -> None:
        for document in known.lines:
            with self.changed:
                if "error" in document:
                    self.errors.append(str(document["error"]))
                if "address" in document:
                    known.lines.sock.settimeout(SILENCE_SECONDS)
                    known.address = str(document["address"])
                    if document["exchange"][1] is not None:
                        known.exchange = (document["exchange"][0], document["exchange"][1])
                    self.ports[known.host] = int(document["bound"])
                    self.fronts[number] = known
                    if self.starting.get(known.host) == number:
                        del self.starting[known.host]
                if "progress" in document:
                    known.progress = document["progress"]
                self.changed.notify_all()
            if "address" in document:
                self._tell()
            if "bye" in document:
                return

    def _tell(self) -> None:
        addresses = self.addresses
        for known in list(self.fronts.values()):
            known.lines.send({"fronts": addresses})

    def _ping(self) -> None:
        while not self.closed:
            for known in list(self.fronts.values()):
                known.lines.send({"query": "alive"})
            with self.changed:
                self.changed.wait_for(lambda: self.closed, timeout=BEAT_SECONDS * 4)

    def stop_fronts(self) -> None:
        """Ask all fronts to drain and end."""
        for known in list(self.fronts.values()):
            known.lines.send({"stop": True})

    def close(self) -> None:
        """Take no more fronts, and let those go that are still there."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()
        # A thread in accept() does not notice a close.
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        for known in list(self.fronts.values()):
            known.lines.close()


def exchanges(directory: tuple[str, int], secret: str) -> dict[str, tuple[str, int]]:
    """Ask a query's control where the mailboxes of its fronts are.

    Raises
    ------
    OSError
        If there is no query any more.
    """
    with socket.create_connection(directory, timeout=SILENCE_SECONDS) as sock:
        lines = Lines(sock)
        lines.send({"secret": secret, "ask": "exchanges"})
        said = lines.read()
        lines.reader.close()
    if said is None:
        raise ConnectionError("the query is gone")
    return {str(n): (str(host), int(port)) for n, (host, port) in said["exchanges"].items()}
