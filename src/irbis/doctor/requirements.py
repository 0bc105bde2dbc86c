"""What irbis needs, from its own metadata: the one place where it is written is pyproject.toml."""

from __future__ import annotations

import importlib.metadata
import re
from dataclasses import dataclass

__all__ = ["Requirement", "extras", "installed", "needed", "shortfall"]

# Modules that are not named as their package.
_MODULES = {
    "pillow": "PIL",
    "scikit-image": "skimage",
    "grpcio": "grpc",
    "grpcio-status": "grpc_status",
    "googleapis-common-protos": "google.rpc",
}
# Packages that bring the same module under another name.
_STAND_INS = {
    "onnxruntime": ("onnxruntime-gpu", "onnxruntime-openvino", "onnxruntime-directml"),
    "pyspark": ("databricks-connect",),
}
_LINE = re.compile(r"""^([\w.-]+)(?:\[[^]]*\])?\s*\(?([<>=!~]=?[^;)]*)?\)?(?:;(.*))?$""")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([\w-]+)['"]""")


@dataclass(frozen=True)
class Requirement:
    """A package, the module it brings, and the lowest version that will do."""

    name: str
    module: str
    minimum: str


def needed(extra: str | None = None) -> list[Requirement]:
    """Requirements of irbis, or of one extra.

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        If irbis is not installed but only found on a path.
    """
    found = []
    for line in importlib.metadata.metadata("irbis").get_all("Requires-Dist") or []:
        parts = _LINE.match(line.strip())
        if parts is None:
            continue
        name, versions, marker = parts[1].lower(), parts[2] or "", parts[3] or ""
        of = _EXTRA.search(marker)
        if (of[1] if of else None) == extra:
            least = re.search(r"[>=~]=\s*([\w.]+)", versions)
            module = _MODULES.get(name, name.replace("-", "_"))
            found.append(Requirement(name, module, least[1] if least else "0"))
    return found


def extras() -> list[str]:
    """Extras for users that have something in them."""
    names = importlib.metadata.metadata("irbis").get_all("Provides-Extra") or []
    ours = ("all", "test", "release")
    users = [n for n in names if n not in ours and not n.startswith("bench")]
    return [name for name in users if needed(name)]


def installed(name: str) -> tuple[str, str] | None:
    """Name and version of an installed package, or of one that stands in for it."""
    for candidate in (name, *_STAND_INS.get(name, ())):
        try:
            return candidate, importlib.metadata.version(candidate)
        except importlib.metadata.PackageNotFoundError:
            continue
    return None


def shortfall(requirement: Requirement) -> str | None:
    """What is wrong with an installed package, None if nothing."""
    there = installed(requirement.name)
    if there is None:
        return f"{requirement.name} is not installed"
    name, version = there
    # A stand-in has version numbers of its own.
    if name == requirement.name and _numbers(version) < _numbers(requirement.minimum):
        return f"{name} {version} is older than {requirement.minimum}"
    return None


def _numbers(version: str) -> tuple[int, ...]:
    """Leading numbers of a version, trailing zeros off, so that 2.0 is not newer than 2.

    Examples
    --------
    >>> _numbers("2.13.0+cpu") < _numbers("2.13.1"), _numbers("4.0") == _numbers("4")
    (True, True)
    """
    digits = re.match(r"\d+(\.\d+)*", version)
    numbers = [int(n) for n in digits[0].split(".")] if digits else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
