"""The table of results that ends a job on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["print_summary", "table"]


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.3f}"


def table(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Lines of the table, as (what, number)."""
    images, boxes, found = report["images"], report["pseudo_boxes"], report["detector"]
    classifier, lime = report["classifier"], report["lime"]
    return [
        ("pictures: target / other / failed",
         f"{images['target']} / {images['other']} / {images['failed']}"),
        ("held out of all learning", str(images["held_out"])),
        ("classifier accuracy (commoner class)",
         f"{_number(classifier['accuracy'])} ({_number(classifier['majority_accuracy'])})"),
        ("  on raw pixels / on shuffled labels",
         f"{_number(classifier['pixels_accuracy'])} / "
         f"{_number(classifier['shuffled_labels_accuracy'])}"),
        ("classifier AUC", _number(classifier["auc"])),
        ("LIME: pictures, median r2", f"{lime['images']}, {_number(lime['r2_median'])}"),
        ("pseudo boxes trained on", str(boxes["count"])),
        ("CorLoc 0.5: centre / pseudo / detector",
         " / ".join(_number(v) for v in
                    (boxes["centre_box_corloc"], boxes["corloc"], found["corloc"]))),
        ("CorLoc 0.7: centre / pseudo / detector",
         " / ".join(_number(v) for v in
                    (boxes["centre_box_corloc70"], boxes["corloc70"], found["corloc70"]))),
        ("mean IoU:   centre / pseudo / detector",
         " / ".join(_number(v) for v in
                    (boxes["centre_box_mean_iou"], boxes["mean_iou"], found["mean_iou"]))),
        ("detector AP50 / AP", f"{_number(found['ap50'])} / {_number(found['ap'])}"),
        ("seconds", f"{report['seconds']['total']:.0f}"),
    ]


def print_summary(report: dict[str, Any], out: str | Path) -> None:
    """Print the table and where the report lies."""
    print(f"\n{report['target']}, measured on held-out pictures")
    for what, number in table(report):
        print(f"  {what:<40} {number}")
    print(f"\nreport: {Path(out) / 'report.html'}")
