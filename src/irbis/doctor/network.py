"""The networks in the cache are what they were when they were made; torchvision loads."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from irbis.child import run_child
from irbis.doctor.finding import Finding, fault, note, ok
from irbis.files import cache_dir, sha256_of

__all__ = ["network", "torchvision"]

_LOAD = """
from irbis.detect.torchvision_ops import fallback_is_active, load_torchvision
print(load_torchvision().__version__, "own" if fallback_is_active() else "its")
"""


def network(_seconds: float) -> Iterator[Finding]:
    """Packaged networks that were converted, and files known by their content."""
    models = cache_dir() / "models"
    notes = sorted(models.glob("*.json")) if models.is_dir() else []
    good = []
    for path in notes:
        wrong = _wrong(path)
        if wrong is None:
            good.append(path.stem)
        else:
            yield fault(
                wrong,
                "stages that use it will fail",
                f"delete {path} and the .onnx file beside it: they are made again when needed",
            )
    for file in sorted((cache_dir() / "files").glob("*")):
        if re.fullmatch("[0-9a-f]{64}", file.name) and sha256_of(file) != file.name:
            means = "a loaded model that needs it will fail"
            yield fault(f"{file} is damaged", means, f"delete {file} and load the model again")
    if good:
        yield ok(f"{', '.join(good)} in {models}, checksum as it must be")
    elif not notes:
        yield note(
            f"no network in {models} yet",
            "the first use converts it, for which it needs the extra [train]",
            'nothing, or: python -c "import irbis; '
            "irbis.ModelDownloader().downloadByName('EfficientNetLite0')\"",
        )


def _content(path: Path, noted: dict[str, str]) -> Path:
    return path.with_name(noted.get("file", f"{path.stem}.onnx"))


def _wrong(path: Path) -> str | None:
    try:
        noted = json.loads(path.read_text())
        expected, content = noted["sha256"], _content(path, noted)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return f"{path} is damaged"
    if not content.is_file():
        return f"{content} is missing"
    if sha256_of(content) != expected:
        return f"{content} is damaged: its checksum is not the one noted when it was made"
    return None


def torchvision(seconds: float) -> Iterator[Finding]:
    """Torchvision loads, with its operators or ours."""
    try:
        missing = [name for name in ("torch", "torchvision") if find_spec(name) is None]
    except ImportError as error:
        missing = [error.name or "torchvision"]
    if missing:
        yield note(
            f"no {' and no '.join(missing)}",
            "saved detectors can be applied, not trained",
            "pip install 'irbis[train]'",
        )
        return
    said = run_child([sys.executable, "-c", _LOAD], timeout=seconds)
    if said.code != 0:
        last = (said.err.strip() or "no answer in time").splitlines()[-1]
        yield fault(
            f"torchvision does not load: {last}",
            "detectors can't be trained",
            "install torch and torchvision together, from one index",
        )
        return
    version, operators = said.out.split()[-2:]
    if operators == "its":
        yield ok(f"torchvision {version}, with its own operators")
    else:
        yield ok(f"torchvision {version} without its operators: irbis's are used")
