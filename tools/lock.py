"""The versions that were tested: rewrites the second part of constraints.txt.

    python tools/lock.py           # from what is installed here
    python tools/lock.py --check   # exit code 1 if a package of an extra is missing there

The first part is written by hand and says why. The benchmarks' peers and the packing tools are not locked.
"""

from __future__ import annotations

import sys

from closure import ROOT, closure, direct, distribution, extras
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PATH = ROOT / "constraints.txt"
MARK = "# Below: written by tools/lock.py."


def locked() -> dict[str, Requirement]:
    """All pins: name -> requirement. A later line counts."""
    lines = [line.partition("#")[0].strip() for line in PATH.read_text().splitlines()]
    return {canonicalize_name(r.name): r for r in map(Requirement, filter(None, lines))}


def wanted() -> set[str]:
    """All packages of all extras but the benchmarks' peers and the packing tools."""
    names: set[str] = set()
    for extra in ["", *extras()]:
        if extra not in {"bench", "release"} and not extra.startswith("bench-"):
            names |= closure(extra)[0]
    return names


def faults() -> list[str]:
    """What is not locked, and which locked version pyproject.toml does not allow."""
    pins = locked()
    found = [f"{name} is not locked" for name in sorted(wanted() - set(pins))]
    for extra in ["", *extras()]:
        for need in direct(extra):
            pin = pins.get(canonicalize_name(need.name))
            exact = (
                next((s.version for s in pin.specifier if s.operator == "=="), None)
                if pin
                else None
            )
            if exact and not need.specifier.contains(exact, prereleases=True):
                found.append(f"{need.name}=={exact} is locked, [{extra}] asks for {need.specifier}")
    return found


def main() -> None:
    """Write, or check."""
    if "--check" in sys.argv:
        print(*(wrong := faults()), sep="\n")
        raise SystemExit(bool(wrong))
    by_hand = PATH.read_text().partition(MARK)[0].rstrip() + "\n"
    named = {
        canonicalize_name(line.partition("=")[0].strip())
        for line in by_hand.splitlines()
        if "==" in line
    }
    # A local part (+cpu) is a build, not a version: another machine has another.
    lines = [f"{n}=={distribution(n).version.partition('+')[0]}" for n in sorted(wanted() - named)]
    PATH.write_text(by_hand + "\n" + MARK + "\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
