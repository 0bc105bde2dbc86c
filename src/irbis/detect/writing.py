"""What a job leaves behind: models, boxes, detections, the report."""

from __future__ import annotations

import json
import math
import os
import shutil
from pathlib import Path
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from irbis.detect import report
from irbis.detect.outcome import Discovery
from irbis.detect.progress import Steps
from irbis.detect.streaming_found import write_json
from irbis.formats.coco import CocoImage, write_coco

__all__ = ["write_outputs"]


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
    with steps.step("write boxes", result.listing.total, "picture") as bar:
        _write_pseudo(result, out / "boxes.json")
        _write_found(result, out / "detections.json", bar)
    with steps.step("write the report"):
        page = report.render(result, result.catalog.read(report.wanted(result)))
        (out / "report.html").write_text(page, encoding="utf-8")
    # Last, so that its times are whole.
    summary: dict[str, Any] = _finite(result.summary())
    (out / "report.json").write_text(json.dumps(summary, indent=1), encoding="utf-8")
    return summary


def _write_pseudo(result: Discovery, path: Path) -> None:
    held = set(result.catalog.paths(held_out=True))
    base = result.listing.base
    images = [
        CocoImage(
            os.path.relpath(b.path, base) if base else b.path,
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


def _write_found(result: Discovery, path: Path, bar: Any) -> None:
    names = result.listing.frame.select(_below(result.listing.base).alias("name"), "sha256")
    rows = names.join(result.everywhere, "sha256")
    write_json(rows, path, [result.target], result.listing.total, bar)


def _below(base: str) -> Column:
    """Name of a picture in the files; :func:`os.path.relpath` of all at once."""
    skipped = len(base.rstrip("/")) + 2 if base else 1
    return F.expr(f"substring(path, {skipped})")


def _finite(value: Any) -> Any:
    """JSON has no NaN: what could not be measured is null."""
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
