"""A front inside a Spark task: what mapInArrow runs in the Python worker that holds the socket."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyarrow as pa

from irbis.errors import ParamError
from irbis.serving.front import Front
from irbis.serving.front_thread import FrontThread
from irbis.serving.lease import BEAT_SECONDS, Lease, Ticket
from irbis.serving.mail_front import MailFront
from irbis.serving.reply_maker import ReplyMaker
from irbis.serving.request_parser import RequestParser
from irbis.serving.served import Served
from irbis.serving.settings import FrontSettings

__all__ = ["FrontTask"]

# Seconds that a model may take to load.
_LOADING = 590.0
# Spark's worker passes a batch on when 64 KiB have gathered. The JVM looks whether its task was
# cancelled whenever a batch comes: without these it would never know, and we neither.
_BEAT = pa.RecordBatch.from_arrays([pa.array([bytes(70_000)], pa.binary())], names=["beat"])


@dataclass(frozen=True)
class FrontTask:
    """One front: a function for ``mapInArrow`` over a partition.

    Parameters
    ----------
    ticket : Ticket
    settings : FrontSettings
    parser : RequestParser
    served : Served or ReplyMaker
        A ReplyMaker alone: requests wait in a mailbox, for micro-batches.
    pure : bool
        Whether the function may be tried on a made-up value.
    """

    ticket: Ticket
    settings: FrontSettings
    parser: RequestParser
    served: Served | ReplyMaker
    pure: bool

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Serve until the lease is over; yields signs of life for the JVM."""
        for _ in batches:
            pass
        try:
            lease = Lease(self.ticket)
        except (OSError, ConnectionError):
            return  # stopped before this task began
        # Python's default of 5 ms is longer than most requests: the loop would wait for the model.
        interval = sys.getswitchinterval()
        sys.setswitchinterval(0.0005)
        thread: FrontThread | None = None
        try:
            thread = self._start(lease)
            while not lease.over.wait(BEAT_SECONDS) and not thread.ended.is_set():
                lease.beat(thread.front.progress() if thread.front else {})
                yield _BEAT
        finally:
            # Also when Spark drops this generator, because its task was cancelled.
            if thread is not None:
                thread.stop(self.settings.drain_timeout + 10)
            lease.close()
            sys.setswitchinterval(interval)

    def _start(self, lease: Lease) -> FrontThread:
        settings = self.settings
        if lease.port:
            settings = replace(settings, port=lease.port)
        try:
            if lease.first and settings.port:
                require_free(settings)
            thread = FrontThread(lambda: self._front(settings), shared=True)
            thread.start(timeout=_LOADING)
        except Exception as error:
            lease.failed(error)
            raise
        front = thread.front
        if front is None:
            raise RuntimeError("a front that is ready and not there")

        def told(fronts: list[str]) -> None:
            front.fronts = fronts

        host = settings.host if settings.host not in ("0.0.0.0", "::") else lease.own_host  # noqa: S104
        address = front.address.replace(f"//{settings.host}:", f"//{host}:")
        exchange: int | None = None
        if isinstance(front, MailFront):
            mailbox = front.mailbox
            exchange = thread.call(front.exchange(self.ticket.secret, lease.own_host))

            def run(number: int) -> None:
                mailbox.run = number

            lease.watch(told, run)
        else:
            lease.watch(told)
        lease.ready(address, front.port, exchange)
        return thread

    def _front(self, settings: FrontSettings) -> Front:
        if isinstance(self.served, ReplyMaker):
            return MailFront(self.parser, self.served, settings)
        return Front(self.served, self.parser, self.served.reply, settings, pure=self.pure)


def require_free(settings: FrontSettings) -> None:
    """Make sure that nobody else listens: with SO_REUSEPORT two services would share the requests.

    Raises
    ------
    ParamError
    """
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise ParamError(
                f"{settings.host}:{settings.port} ({error.strerror})",
                expected="an address of the worker's machine that is free",
                do="choose another port, or port 0 for any",
            ) from None
