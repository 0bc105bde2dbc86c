"""The table of results that ends a job on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["print_summary", "table"]


def _numbers(*values: float | None) -> str:
    return " / ".join("not measured" if v is None else f"{v:.3f}" for v in values)


def table(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Lines of the table, as (what, number)."""
    images, boxes, found = report["images"], report["pseudo_boxes"], report["detector"]
    classifier, lime = report["classifier"], report["lime"]
    counts = " / ".join(str(images[k]) for k in ("target", "other", "failed"))
    pixels, shuffled = classifier["pixels_accuracy"], classifier["shuffled_labels_accuracy"]
    majority = _numbers(classifier["majority_accuracy"])

    def located(name: str) -> str:
        return _numbers(boxes[f"centre_box_{name}"], boxes[name], found[name])

    return [
        ("pictures: target / other / failed", counts),
        ("searched by the detector", str(images["all"])),
        ("held out of all learning", str(images["held_out"])),
        (
            "classifier accuracy (commoner class)",
            f"{_numbers(classifier['accuracy'])} ({majority})",
        ),
        ("  on raw pixels / on shuffled labels", _numbers(pixels, shuffled)),
        ("classifier AUC", _numbers(classifier["auc"])),
        ("LIME: pictures, median r2", f"{lime['images']}, {_numbers(lime['r2_median'])}"),
        ("pseudo boxes trained on", str(boxes["count"])),
        ("CorLoc 0.5: centre / pseudo / detector", located("corloc")),
        ("CorLoc 0.7: centre / pseudo / detector", located("corloc70")),
        ("mean IoU:   centre / pseudo / detector", located("mean_iou")),
        ("detector AP50 / AP", _numbers(found["ap50"], found["ap"])),
        ("seconds", f"{report['seconds']['total']:.0f}"),
    ]


def print_summary(report: dict[str, Any], out: str | Path) -> None:
    """Print the table and where the report lies."""
    print(f"\n{report['target']}, measured on held-out pictures")
    for what, number in table(report):
        print(f"  {what:<40} {number}")
    print(f"\nreport: {Path(out) / 'report.html'}")
