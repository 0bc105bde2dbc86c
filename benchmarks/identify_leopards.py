"""Nine certain chips of African leopards, which are not shipped: four pairs and a single."""

import csv
import os
from pathlib import Path

import pyarrow as pa

from irbis import HotSpotter


def folder(data: str | None) -> Path:
    root = data or os.environ.get("IRBIS_DATA") or Path(__file__).parents[2] / "shared" / "data"
    return Path(root) / "african_leopard_reid"


def read(place: Path, shift: float = 0.0) -> pa.Table:
    """Read pictures and boxes, each box moved by `shift` of its size, another way for each."""
    rows = []
    with (place / "annotations.csv").open() as file:
        for number, row in enumerate(csv.DictReader(file)):
            x, y, w, h = (float(row[k]) for k in "xywh")
            x += shift * w * (1 if number % 2 else -1)
            y += shift * h * (1 if number % 3 else -1)
            box = {"xmin": x, "ymin": y, "xmax": x + w, "ymax": y + h}
            rows.append(
                {
                    "file": row["file"],
                    "individual": row["individual_flank"],
                    "box": box,
                    "image": (place / row["file"]).read_bytes(),
                }
            )
    return pa.Table.from_pylist(rows)


def ask(place: Path, shift: float) -> dict[str, float]:
    """Ask for each chip among the others."""
    spotter = HotSpotter(boxCol="box", annotationCol="file", excludeSelf=True, numCandidates=8)
    out = spotter.fit(read(place)).transform(read(place, shift)).to_pylist()
    names = [row["individual"] for row in out]
    paired = [row for row in out if names.count(row["individual"]) > 1]
    single = [row for row in out if names.count(row["individual"]) == 1]
    inliers: dict[bool, list[int]] = {True: [], False: []}
    for row in out:
        for candidate in row["candidates"]:
            inliers[candidate["name"] == row["individual"]].append(candidate["inliers"])
    return {
        "pairs": len(paired),
        "found first": sum(
            bool(r["candidates"]) and r["candidates"][0]["name"] == r["individual"] for r in paired
        ),
        "named": sum(r["prediction"] == r["individual"] for r in paired),
        "singles called unknown": sum(r["prediction"] == "unknown" for r in single),
        "fewest inliers of a true pair": min(inliers[True]),
        "most of any other": max(inliers[False]),
    }
