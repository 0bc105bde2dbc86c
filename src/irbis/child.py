"""Running another program with a limit on its time: nothing that irbis asks can hang it."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Said", "run_child"]

_GRACE = 5.0  # seconds for the output of a killed program to end
_running: set[subprocess.Popen[str]] = set()


@dataclass(frozen=True)
class Said:
    """What a program said.

    Parameters
    ----------
    code : int or None
        Exit code; None if it was stopped because its time was over.
    out, err : str
        What it wrote, also when it was stopped.
    """

    code: int | None
    out: str
    err: str


def run_child(
    command: Sequence[str],
    timeout: float,
    env: Mapping[str, str] | None = None,
    tick: Callable[[], None] | None = None,
) -> Said:
    """Run a program to its end, or stop it, and what it started, when its time is over.

    Parameters
    ----------
    command : sequence of str
    timeout : float
        Seconds.
    env : mapping, optional
        Its environment; this process's by default.
    tick : callable, optional
        Called about once a second while it runs.

    Raises
    ------
    OSError
        If it can't be started at all.

    Examples
    --------
    >>> import sys
    >>> run_child([sys.executable, "-c", "exit(3)"], timeout=60)
    Said(code=3, out='', err='')
    """
    child = subprocess.Popen(
        list(command),
        env=None if env is None else dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,  # a group of its own, so that its children die with it
    )
    _running.add(child)
    end = time.monotonic() + timeout
    try:
        while True:
            left = end - time.monotonic()
            try:
                out, err = child.communicate(timeout=max(0.0, min(1.0, left)))
            except subprocess.TimeoutExpired:
                if left > 0:
                    if tick is not None:
                        tick()
                    continue
                return _stop(child)
            return Said(child.returncode, out, err)
    finally:
        if child.returncode is None:  # Ctrl-C came here, and does not reach a group of its own
            _kill(child)
        _running.discard(child)


def _stop(child: subprocess.Popen[str]) -> Said:
    # None while it runs; it may have ended and left somebody behind who holds its output open.
    code = child.poll()
    _kill(child)
    try:
        out, err = child.communicate(timeout=_GRACE)
    except subprocess.TimeoutExpired as late:
        out, err = _text(late.output), _text(late.stderr)
    return Said(code, out, err)


def _text(said: str | bytes | None) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said or ""


def _kill(child: subprocess.Popen[str]) -> None:
    try:
        if hasattr(os, "killpg"):
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
    except (ProcessLookupError, PermissionError):
        pass  # all of it is gone already


@atexit.register
def _leave_nobody() -> None:
    # A thread that waits for a program does not see Ctrl-C; this process ends, and so must that.
    for child in tuple(_running):
        _kill(child)
