"""What went wrong with one row, and the column that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from irbis.errors import RowError
from irbis.schema import ERROR

__all__ = ["KINDS", "Failure", "InvalidRequestError", "failures_to_column", "raise_first"]

#: Every kind of error a row can have, and what it means.
KINDS: dict[str, str] = {
    "null": "the input is null: nothing was sent",
    "request": "the request can't be sent: invalid address, unknown method, body that JSON lacks",
    "connect": "no connection: refused, unreachable, no such host",
    "tls": "the certificate or the TLS handshake failed",
    "timeout": "a phase took longer than its timeout",
    "deadline": "the row as a whole took longer than its deadline",
    "disconnected": "the connection ended before the answer was whole",
    "protocol": "the answer is not valid HTTP",
    "redirect": "too many redirects, or one to nowhere",
    "too_large": "the answer is larger than maxResponseBytes",
    "status": "the service answered with a status that is not 2xx",
    "lengths": "the answer to a list of rows has another number of values",
    "parse": "the answer came, and the output parser can't read it",
    "handler": "the function given as handler or parser raised",
    "internal": "a fault of irbis",
}


class InvalidRequestError(ValueError):
    """A request that can't be sent; its message never repeats a value."""


@dataclass(frozen=True)
class Failure:
    """An error row.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`.
    message : str
        Safe to log: no address beyond scheme, host and port, no header, no body.
    status : int, optional
        Status of the last answer, if there was one.
    attempts : int, default 0
        Requests that were sent.
    excerpt : str, default ""
        Beginning of what the service said; goes into the column, never into an exception.
    """

    kind: str
    message: str
    status: int | None = None
    attempts: int = 0
    excerpt: str = ""


def failures_to_column(failures: Sequence[Failure | None]) -> pa.Array:
    """Build an error column; null where the row is good."""
    return pa.array([None if f is None else _as_dict(f) for f in failures], type=ERROR)


def raise_first(failures: Sequence[Failure | None]) -> None:
    """Raise RowError for the first failure, if there is one.

    Raises
    ------
    RowError
    """
    for row, failure in enumerate(failures):
        if failure is not None:
            raise RowError(
                f"row {row}: {failure.kind}: {failure.message}",
                do="set errors='column' to keep going",
            )


def _as_dict(failure: Failure) -> dict[str, object]:
    said = f"{failure.message}: {failure.excerpt}" if failure.excerpt else failure.message
    return {
        "kind": failure.kind,
        "message": said,
        "status": failure.status,
        "attempts": failure.attempts,
    }
