"""What a check says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

__all__ = ["Check", "Finding", "fault", "note", "ok"]


@dataclass(frozen=True)
class Finding:
    """One finding.

    Parameters
    ----------
    status : str
        "ok", "note" (said, does not count) or "fault" (something irbis does will fail).
    found : str
        What was found.
    means : str
        What follows from it.
    do : str
        The remedy.
    check : str
        Name of the check; set by who runs it.
    """

    status: str
    found: str
    means: str = ""
    do: str = ""
    check: str = ""


#: Takes the seconds it may use; yields findings as it has them.
Check = Callable[[float], Iterator[Finding]]


def ok(found: str) -> Finding:
    """All is as it must be."""
    return Finding("ok", found)


def note(found: str, means: str, do: str) -> Finding:
    """Worth knowing; does not count."""
    return Finding("note", found, means, do)


def fault(found: str, means: str, do: str) -> Finding:
    """Something that irbis does will fail."""
    return Finding("fault", found, means, do)
