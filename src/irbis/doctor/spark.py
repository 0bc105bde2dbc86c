"""Spark starts, its workers are like the driver, and it answers: in a process that can be stopped."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

from irbis.child import Said, run_child
from irbis.doctor.finding import Finding, fault, ok

__all__ = ["spark"]

_LOCAL_IP = "export SPARK_LOCAL_IP=127.0.0.1"
_WORKERS = "install irbis there, or set PYSPARK_PYTHON to a Python that has it"
# What Spark's own words mean, the more telling first.
_KNOWN = (
    (r"UnknownHostException", "this machine's name does not resolve", _LOCAL_IP),
    (r"BindException|failed after \d+ retries", "its driver can't listen", _LOCAL_IP),
    (
        r"No module named '?(?P<name>[\w.]+)",
        "the Python of Spark's workers lacks {name}",
        _WORKERS,
    ),
    (r"PYTHON_VERSION_MISMATCH", "workers run another Python than the driver", _WORKERS),
    (r"UnsupportedClassVersionError", "the Java is too old", "irbis doctor --only java"),
    (r"getSubject is not supported", "the Java is too new", "irbis doctor --only java"),
    (r"No space left", "the disk is full", "irbis doctor --only temp"),
    (
        r"UnsatisfiedLinkError",
        "Java can't load a native library from its temporary folder",
        "export JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=FOLDER, one that is not mounted noexec",
    ),
    (r"JAVA_GATEWAY_EXITED", "Java ended before Spark ran", "irbis doctor --only java"),
    (r"UNAVAILABLE|StatusCode\.", "the Connect server does not answer", "check SPARK_REMOTE"),
)


def spark(seconds: float) -> Iterator[Finding]:
    """A session, its workers, one mapInArrow."""
    print(f"starting Spark, at most {seconds:.0f} s ", end="", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "irbis.doctor.spark_probe"]
    said = run_child(command, timeout=seconds, tick=_tick)
    print(file=sys.stderr)
    steps = {}
    for line in said.out.splitlines():
        if line.startswith('{"step"'):
            step = json.loads(line)
            steps[step["step"]] = step
    if "session" in steps:
        yield ok(f"Spark {steps['session']['version']} started: {steps['engine']['text']}")
    if "workers" in steps:
        yield from _workers(steps["here"], steps["workers"]["rows"])
    if "end" not in steps:
        yield _failure(said, steps, seconds)


def _tick() -> None:
    print(".", end="", file=sys.stderr, flush=True)


def _workers(here: dict[str, Any], rows: list[dict[str, str]]) -> Iterator[Finding]:
    well = True
    for row in rows:
        where = f"the workers' {row['executable']} on {row['host']}"
        minor = row["python"].rpartition(".")[0]
        if minor != here["python"].rpartition(".")[0]:
            well = False
            yield fault(
                f"{where} is Python {row['python']}, the driver's is {here['python']}",
                "functions can't travel between them",
                "set PYSPARK_PYTHON to a Python of the driver's version",
            )
        for module in ("irbis", "pyarrow"):
            if row[module] != here[module]:
                well = False
                yield fault(
                    f"{where} has {module} {row[module]}, the driver's is {here[module]}",
                    "stages will fail, or answer otherwise than here",
                    f"install the same {module} there",
                )
    if well:
        yield ok(
            f"mapInArrow answers; workers run Python {here['python']} with irbis {here['irbis']} "
            f"and pyarrow {here['pyarrow']}"
        )


def _failure(said: Said, steps: dict[str, dict[str, Any]], seconds: float) -> Finding:
    after = "started, but did not answer a mapInArrow" if "session" in steps else "did not start"
    engine = steps.get("engine", {})
    if said.code is None:
        found = f"Spark {after} in {seconds:.0f} s"
        if engine.get("remote"):
            means = f"{engine['remote']} does not answer"
            return fault(found, means, "see that the server runs, and correct SPARK_REMOTE")
        means = "it hangs, or this machine is very slow"
        return fault(found, means, "irbis doctor --only host, or more time: --timeout 600")
    error = steps.get("error", {})
    if error.get("do"):  # one of ours: it says all
        return fault(error["text"], "Spark can't start", error["do"])
    everything = f"{error.get('text', '')}\n{said.err}"
    for pattern, means, do in _KNOWN:
        match = re.search(f".*{pattern}.*", everything)
        if match:
            found = f"Spark {after}: {match[0].strip()[:300]}"
            return fault(found, means.format(**match.groupdict()), do)
    lines = everything.strip().splitlines() or [f"exit code {said.code}"]
    found = f"Spark {after}: {lines[0][:300]}"
    return fault(
        found, f"it ends with: {lines[-1][:300]}", "look for these words in Spark's documentation"
    )
