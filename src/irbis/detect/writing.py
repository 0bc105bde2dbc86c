"""What a job leaves behind: models, boxes, detections, the report."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irbis.detect import report
from irbis.detect.outcome import Discovery, Found
from irbis.detect.progress import Steps
from irbis.formats.coco import CocoImage, write_coco
from irbis.formats.megadetector import MegaImage, megadetector_document, write_megadetector

__all__ = ["Entry", "write_detections", "write_outputs"]


@dataclass(frozen=True)
class Entry:
    """A picture in the detections file: `found` is None if it failed."""

    name: str
    found: Found | None
    failure: str | None = None


def write_outputs(result: Discovery, out: Path, steps: Steps) -> dict[str, Any]:
    """Write everything into `out` and return what report.json holds."""
    out.mkdir(parents=True, exist_ok=True)
    with steps.step("save the models", total=2) as bar:
        labels = [f"not {result.target}", result.target]
        result.classifiers.saved.copy_to(out / "classifier", labels)
        bar.update()
        result.detector.copy_to(out / "detector")
        shutil.copy(result.detector.folder.with_name("loss.png"), out / "loss.png")
        bar.update()
    with steps.step("write boxes"):
        _write_pseudo(result, out / "boxes.json")
        _write_found(result, out / "detections.json")
    with steps.step("write the report"):
        page = report.render(result, result.catalog.read(report.wanted(result)))
        (out / "report.html").write_text(page, encoding="utf-8")
    # Last, so that its times are whole.
    summary: dict[str, Any] = _finite(result.summary())
    (out / "report.json").write_text(json.dumps(summary, indent=1), encoding="utf-8")
    return summary


def write_detections(path: Path, entries: Sequence[Entry], labels: Sequence[str]) -> None:
    """Write a MegaDetector file."""
    write_megadetector(path, megadetector_document([_mega(e) for e in entries], labels))


def _mega(entry: Entry) -> MegaImage:
    found = entry.found
    if found is None:
        return MegaImage(entry.name, 0, 0, Found.of(None).boxes, [], [], entry.failure or "failed")
    return MegaImage(
        entry.name, found.width, found.height, found.boxes, found.labels, found.scores.tolist()
    )


def _write_pseudo(result: Discovery, path: Path) -> None:
    held = set(result.catalog.paths(held_out=True))
    base = _base(result)
    images = [
        CocoImage(
            os.path.relpath(b.path, base),
            b.width,
            b.height,
            b.boxes[b.good],
            [result.target] * int(b.good.sum()),
            b.scores[b.good].tolist(),
        )
        for b in result.pseudo.used
        if b.path not in held
    ]
    info = {
        "description": f"pseudo boxes of {result.target!r}: {result.pseudo.about['source']}, "
        f"rule {result.pseudo.about['rule']}",
        "base": base,
    }
    write_coco(path, images, info)


def _write_found(result: Discovery, path: Path) -> None:
    base = _base(result)
    entries = [Entry(os.path.relpath(p, base), found) for p, found in result.found.items()]
    entries += [
        Entry(os.path.relpath(p, base), None, message) for p, _, message in result.catalog.failures
    ]
    write_detections(path, sorted(entries, key=lambda e: e.name), [result.target])


def _base(result: Discovery) -> str:
    """Folder that all pictures lie below."""
    paths = [*result.found, *(p for p, _, _ in result.catalog.failures)]
    return os.path.commonpath([str(Path(p).parent) for p in paths])


def _finite(value: Any) -> Any:
    """JSON has no NaN: what could not be measured is null."""
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
