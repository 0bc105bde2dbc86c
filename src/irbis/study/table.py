"""The table that ends a study on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["lines", "print_study"]


def lines(summary: dict[str, Any]) -> list[str]:
    """One line a way, one a step between two ways."""
    said = [f"  {'always saying no':<22} right {summary['always_no']:.3f}"]
    bursts = summary["generated_bursts"]
    for title, part in (("", summary), ("on generated bursts:", bursts)):
        said += [title] if title else []
        for way in part["ways"]:
            low, high = way["accuracy"]["interval"]
            said.append(
                f"  {way['name']:<22} right {way['accuracy']['value']:.3f} ({low:.3f} to {high:.3f})"
                f"  area {_number(way['auc']['value'])}"
            )
        for step in part["steps"]:
            gain = step["accuracy"]
            low, high = gain["interval"]
            said.append(
                f"  {step['first']} to {step['second']}: {gain['value']:+.3f}"
                f" ({low:+.3f} to {high:+.3f}): {gain['says']}"
            )
    return said


def print_study(summary: dict[str, Any], out: str | Path) -> None:
    """Print the table and where the page lies."""
    images = summary["images"]
    print(f"\n{summary['target']}: {images['asked']} pictures asked about, 95 % intervals")
    print("\n".join(lines(summary)))
    print(f"\npage: {Path(out) / 'study.html'}")


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.3f}"
