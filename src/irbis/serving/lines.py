"""JSON, one document a line, over a socket: how fronts and their query talk."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from threading import Lock
from typing import Any

__all__ = ["Lines"]


class Lines:
    """A connection.

    Parameters
    ----------
    sock : socket
        Its timeout counts for each read.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.lock = sock, Lock()
        self.reader = sock.makefile("rb")

    def send(self, document: dict[str, Any]) -> bool:
        """Send a document; returns whether the other side is still there."""
        line = json.dumps(document, separators=(",", ":")).encode() + b"\n"
        try:
            with self.lock:
                self.sock.sendall(line)
        except OSError:
            return False
        return True

    def read(self) -> dict[str, Any] | None:
        """Read a document, or None at the end or after a timeout."""
        try:
            line = self.reader.readline(1 << 20)
            found = json.loads(line) if line.endswith(b"\n") else None
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while (found := self.read()) is not None:
            yield found

    def close(self) -> None:
        """Close the connection; who reads from it, here or there, comes to the end."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:  # gone already
            return
        finally:
            self.sock.close()
