"""Servers in processes of their own, and how they are asked."""

import os
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def command(*arguments, env=(), until=r"serving .* at (http\S+)", timeout=60):
    """A Python process that says where it serves; yields it, its address, and what it said."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **dict(env)}
    child = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )
    said, found = [], threading.Event()
    address = []

    def read():
        for line in child.stdout:
            said.append(line)
            if match := re.search(until, line):
                address.append(match[1])
                found.set()
        found.set()

    threading.Thread(target=read, daemon=True).start()
    found.wait(timeout)
    try:
        assert address, "".join(said)
        yield child, address[0], said
    finally:
        if child.poll() is None:
            child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def wait_for(what, seconds=20.0):
    """Wait until it is true; returns what it was."""
    until = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < until:
        time.sleep(0.05)
    return found
