"""Results of benchmarks/all.py as a page: a table and a plot for each benchmark."""

import math
import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

PAGE = "benchmarks_small.md"
OURS, THEIRS, INK, GREY = "#0b6e4f", "#b9c4c9", "#26323a", "#5d6b73"
MOST_ROWS = 24  # of a plot; a table has all
SHOWN = ("pyspark", "pyarrow", "numpy", "onnxruntime")


def render(results: list[dict[str, Any]], docs: Path) -> Path:
    """Write the page and its plots; returns the page's path."""
    parts = [_head(results)]
    for result in results:
        lines = [line for line in result["lines"] if "figure" in line]
        notes = [line for line in result["lines"] if "figure" not in line]
        parts.append(f"## `python benchmarks/{result['name']}.py --small`\n")
        parts.append(f"{result['date']}, commit {result['commit']}, {result['seconds']} s.\n")
        if result["failed"]:
            parts.append("It failed: " + result["failed"].strip().splitlines()[-1] + "\n")
        parts += [f"{' '.join(str(v) for k, v in n.items() if k != 'bench')}\n" for n in notes]
        if lines:
            if plot(lines, docs / "images" / f"small_{result['name']}.svg"):
                said = f"Bars of the figures below: irbis and its peers in {result['name']}"
                parts.append(f"![{said}](images/small_{result['name']}.svg)\n")
            parts.append(_table(lines))
    path = docs / PAGE
    path.write_text("\n".join(parts).rstrip() + "\n")
    return path


def _head(results: list[dict[str, Any]]) -> str:
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in SHOWN)
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        "# Benchmarks, small\n\n"
        "`python benchmarks/all.py` runs every benchmark at its small size and writes this page. Small sizes show "
        "that everything runs and about how it compares, often beside other work of the machine: the figures to "
        'quote, and what they mean, are in [Benchmarks](benchmarks.md). "Too small to tell": the interval of the '
        "figure holds zero, or there is none.\n\n"
        f"Machine: {cores} {platform.machine()} cores, {memory:.0f} GiB of memory; Python "
        f"{platform.python_version()}, {versions}. {len(results)} benchmarks.\n"
    )


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "" if value is None else str(value)
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def _told(line: dict[str, Any]) -> bool:
    """Whether a cost or a gain is told from none: small sizes give intervals that hold zero, or none."""
    low, high = line.get("interval") or (1.0, 1.0)
    return math.isfinite(low) and math.isfinite(high) and not low < 0 < high


def _peers(line: dict[str, Any]) -> dict[str, Any]:
    peers = line.get("peers") or {}
    return peers if isinstance(peers, dict) else {str(p): "" for p in peers}


def _table(lines: list[dict[str, Any]]) -> str:
    rows = ["| figure | case | irbis | unit | beside it |", "|---|---|---|---|---|"]
    for line in lines:
        beside = "; ".join(f"{n}: {_number(v)}" for n, v in _peers(line).items())
        value = _number(line["value"]) if _told(line) else "too small to tell"
        cells = [line["figure"], line["case"], value, line.get("unit", ""), beside]
        rows.append("| " + " | ".join(str(c).replace("|", "/") for c in cells) + " |")
    return "\n".join(rows) + "\n"


def _bars(line: dict[str, Any]) -> list[tuple[str, float, str]]:
    """Ours and, where they are in the same unit, the peers'."""
    if not isinstance(line["value"], (int, float)) or not _told(line):
        return []
    bars = [(str(line["case"]), float(line["value"]), OURS)]
    ratio = line.get("unit") in ("ratio", "times", "x") or "speedup" in line["figure"]
    if not ratio and not line["figure"].startswith("ratio"):
        numbers = {n: v for n, v in _peers(line).items() if isinstance(v, (int, float))}
        bars += [(f"{n} ", float(v), THEIRS) for n, v in numbers.items()]
    return bars


def plot(lines: list[dict[str, Any]], path: Path) -> bool:
    """Draw horizontal bars, a panel for each figure; False if there is nothing to draw."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    panels: dict[tuple[str, str], list[tuple[str, float, str]]] = {}
    for line in lines:
        panels.setdefault((line["figure"], line.get("unit", "")), []).extend(_bars(line))
    panels = {name: bars[:MOST_ROWS] for name, bars in panels.items() if bars}
    if not panels:
        return False
    rows = [len(bars) for bars in panels.values()]
    settings = {"svg.fonttype": "none", "svg.hashsalt": "irbis", "font.size": 9, "text.color": INK}
    with mpl.rc_context(settings):
        height = sum(rows) * 0.24 + 0.5 * len(rows)
        figure, axes = plt.subplots(
            len(rows), 1, figsize=(7.2, height), squeeze=False, layout="constrained",
            gridspec_kw={"height_ratios": rows},
        )  # fmt: skip
        for axis, ((name, unit), bars) in zip(axes[:, 0], panels.items(), strict=True):
            places = range(len(bars))
            drawn = axis.barh(places, [b[1] for b in bars], color=[b[2] for b in bars], height=0.72)
            axis.bar_label(drawn, [_number(b[1]) for b in bars], padding=3, color=INK)
            axis.set_yticks(places, [b[0] for b in bars], color=INK)
            for label, bar in zip(axis.get_yticklabels(), bars, strict=True):
                label.set_color(INK if bar[2] == OURS else GREY)
            axis.set_ylim(len(bars) - 0.5, -0.5)
            axis.set_title(
                f"{name}{f', {unit}' if unit else ''}", loc="left", fontsize=10, color=INK
            )
            axis.margins(x=0.14)
            axis.tick_params(length=0, labelbottom=False)
            axis.spines[:].set_visible(False)
            axis.spines["left"].set_visible(True)
        axes[0, 0].set_title("green: irbis", loc="right", fontsize=9, color=OURS)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, format="svg", metadata={"Date": None}, facecolor="white")
        plt.close(figure)
    return True
