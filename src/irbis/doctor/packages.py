"""The packages irbis needs, and its extras."""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec

from irbis.child import run_child
from irbis.doctor.finding import Finding, fault, note, ok
from irbis.doctor.requirements import Requirement, extras, installed, needed, shortfall

__all__ = ["extra_packages", "packages"]

_PURPOSE = {
    "train": "training, `irbis discover`, and converting the packaged network",
    "viz": "the pictures and the page of a report",
    "java": "a Java, where there is no other",
    "connect": "Spark Connect",
    "models": "converting more of the packaged networks",
    "hub": "networks from the Hugging Face hub",
}
# Imports in a process of its own: a broken library may end the interpreter, or hang.
_IMPORT = """
import importlib, json, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
        said = None
    except BaseException as error:
        said = f"{type(error).__name__}: {error}"
    print(json.dumps([name, said]), flush=True)
"""


def packages(seconds: float) -> Iterator[Finding]:
    """Requirements: installed, new enough, and they load."""
    try:
        required = needed()
    except importlib.metadata.PackageNotFoundError:
        yield note("irbis is not installed", "what it needs is not known", "pip install irbis")
        return
    well = True
    broken = _broken([r.module for r in required], seconds)
    for requirement in required:
        wrong = shortfall(requirement) or broken.get(requirement.module)
        if wrong:
            well = False
            yield fault(
                wrong,
                f"irbis needs {requirement.name} {requirement.minimum} or newer",
                f"pip install '{requirement.name}>={requirement.minimum}'",
            )
    if well:
        yield ok(", ".join(" ".join(installed(r.name) or (r.name,)) for r in required))
    pandas = installed("pandas")
    if pandas and int(pandas[1].split(".")[0]) >= 3:
        yield note(
            f"pandas {pandas[1]}",
            "PySpark 4.3 says that it does not fully support pandas 3 yet",
            "pip install 'pandas<3'",
        )


def _broken(modules: list[str], seconds: float) -> dict[str, str]:
    said = run_child([sys.executable, "-c", _IMPORT, *modules], timeout=seconds)
    done = dict(json.loads(line) for line in said.out.splitlines() if line.startswith("["))
    found = {name: f"{name} can't be imported: {error}" for name, error in done.items() if error}
    left = next((name for name in modules if name not in done), None)
    if left is not None:
        how = f"takes more than {seconds:.0f} s" if said.code is None else "ends Python"
        found[left] = f"importing {left} {how}"
    return found


def extra_packages(_seconds: float) -> Iterator[Finding]:
    """Extras: no fault if not installed, only said."""
    try:
        names = extras()
    except importlib.metadata.PackageNotFoundError:
        return
    for name in names:
        wrong = [w for r in needed(name) if (w := shortfall(r) or _missing(r))]
        # With a Connect server named, what it needs is no extra any more.
        say = fault if name == "connect" and "SPARK_REMOTE" in os.environ else note
        if wrong:
            yield say(
                f"[{name}]: {', '.join(wrong)}",
                f"needed for {_PURPOSE.get(name, 'what it is named after')}",
                f"pip install 'irbis[{name}]'",
            )
        else:
            yield ok(f"[{name}] is installed")


def _missing(requirement: Requirement) -> str | None:
    try:
        there = find_spec(requirement.module) is not None
    except (ImportError, ValueError):
        there = False
    return None if there else f"no module {requirement.module}"
