"""Running the checks: one after the other, each with a limit on its time, and saying what they find."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import asdict

from irbis.doctor.disk import cache, memory_of_machine, temporary
from irbis.doctor.engine import java, spark_home, worker_interpreter
from irbis.doctor.finding import Check, Finding, fault
from irbis.doctor.host import host
from irbis.doctor.network import network, torchvision
from irbis.doctor.onnx import onnx_runtime
from irbis.doctor.packages import extra_packages, packages
from irbis.doctor.python import irbis_itself, python
from irbis.doctor.redaction import redact
from irbis.doctor.spark import spark
from irbis.errors import ParamError

__all__ = ["NAMES", "examine"]

_CHECKS: dict[str, Check] = {
    "python": python,
    "irbis": irbis_itself,
    "packages": packages,
    "onnx": onnx_runtime,
    "extras": extra_packages,
    "torchvision": torchvision,
    "network": network,
    "cache": cache,
    "temp": temporary,
    "memory": memory_of_machine,
    "host": host,
    "java": java,
    "spark-home": spark_home,
    "workers": worker_interpreter,
    "spark": spark,
}
#: Names of the checks, in the order in which they run.
NAMES = tuple(_CHECKS)


def examine(only: Sequence[str] = (), as_json: bool = False, seconds: float = 180.0) -> bool:
    """Run the checks and print what they find.

    Parameters
    ----------
    only : sequence of str, default all
        Names of checks, see :data:`NAMES`.
    as_json : bool, default False
        Print one JSON list of ``{check, status, found, means, do}`` instead of lines.
    seconds : float, default 180
        Limit for each check.

    Returns
    -------
    bool
        Whether there is no fault. Notes do not count.

    Raises
    ------
    ParamError
        For the name of a check that there is not.
    """
    unknown = [name for name in only if name not in _CHECKS]
    if unknown:
        raise ParamError(f"the check {unknown[0]!r}", expected=f"one of {', '.join(NAMES)}")
    said: list[Finding] = []
    for name in NAMES:
        if only and name not in only:
            continue
        for finding in _run(name, seconds):
            said.append(finding)
            if not as_json:
                print(_lines(finding), flush=True)
    well = all(finding.status != "fault" for finding in said)
    if as_json:
        print(json.dumps([asdict(finding) for finding in said], indent=2))
    else:
        print("all is well" if well else "something is wrong: see FAULT above")
    return well


def _run(name: str, seconds: float) -> list[Finding]:
    found: list[Finding] = []

    def work() -> None:
        try:
            found.extend(_CHECKS[name](seconds))
        except Exception as error:  # whatever is broken, the next check still runs
            lines = str(error).splitlines() or [""]
            found.append(_lost(f"the check failed: {type(error).__name__}: {lines[0]}"))

    # A thread: a file system that hangs can't be interrupted, only left behind.
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds + 10.0)
    findings = list(found)
    if thread.is_alive():
        findings.append(_lost(f"no answer in {seconds:.0f} s"))
    return [
        Finding(*(redact(part) for part in (f.status, f.found, f.means, f.do, name)))
        for f in findings
    ]


def _lost(found: str) -> Finding:
    means = "what it looks at is broken in a way that is not foreseen"
    return fault(found, means, "look at it yourself, and report it to irbis")


def _lines(finding: Finding) -> str:
    mark = "FAULT" if finding.status == "fault" else finding.status
    lines = [f"  {mark:<5} {finding.check:<12} {finding.found}"]
    lines += [f"        {finding.means}"] if finding.means else []
    lines += [f"        do: {finding.do}"] if finding.do else []
    return "\n".join(lines)
