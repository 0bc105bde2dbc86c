"""What pip would install for an extra: pyproject.toml, then the metadata of what is installed here."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
#: One module under two names: either will do where the other is asked for.
STAND_INS = {"opencv-python-headless": "opencv-python"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def extras() -> list[str]:
    """Names of irbis's extras."""
    return list(PROJECT["optional-dependencies"])


def direct(extra: str = "") -> list[Requirement]:
    """Requirements as written, those of extras inside extras opened; "": the ones of irbis itself."""
    table = PROJECT["optional-dependencies"]
    found = []
    for line in table[extra] if extra else PROJECT["dependencies"]:
        wanted = Requirement(line)
        if wanted.name == "irbis":
            for inner in sorted(wanted.extras):
                found += direct(inner)
        elif wanted.marker is None or wanted.marker.evaluate():
            found.append(wanted)
    return found


def distribution(name: str) -> metadata.Distribution:
    """What is installed under a name, or under the name of its stand-in.

    Raises
    ------
    metadata.PackageNotFoundError
    """
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        if name not in STAND_INS:
            raise
        return metadata.distribution(STAND_INS[name])


def closure(extra: str = "") -> tuple[set[str], set[str]]:
    """Names of all packages behind an extra that are installed here; and of those that are not."""
    seen: set[tuple[str, str]] = set()
    there, missing = set(), set()
    waiting = direct(extra)
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        for part in ("", *wanted.extras):
            if (name, part) in seen:
                continue
            seen.add((name, part))
            try:
                waiting += _requirements(name, part)
            except metadata.PackageNotFoundError:
                missing.add(name)
            else:
                there.add(name)
    return there, missing


def _requirements(name: str, extra: str) -> Iterator[Requirement]:
    lines = distribution(name).requires or []
    parsed = [Requirement(line) for line in lines]
    return iter([r for r in parsed if r.marker is None or r.marker.evaluate({"extra": extra})])
