"""Nine certain chips of African leopards, which are not shipped: four pairs and a single."""

import csv
import os
import sys
from pathlib import Path

import pyarrow as pa

import irbis
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


def detected(table: pa.Table, detector: str) -> pa.Table:
    """Replace the boxes by the best ones of a saved detector; null where it finds nothing."""
    found = irbis.load(detector).transform(table.select(["image"]))
    column = next(f.name for f in found.schema if pa.types.is_list(f.type))
    best = [
        None if not boxes else {k: boxes[0][k] for k in ("xmin", "ymin", "xmax", "ymax")}
        for boxes in found[column].to_pylist()
    ]
    scores = [boxes[0]["score"] if boxes else None for boxes in found[column].to_pylist()]
    print({"scores": scores, "boxes": best}, file=sys.stderr)
    at = table.schema.get_field_index("box")
    return table.set_column(at, "box", pa.array(best, table.schema.field("box").type))


def heated(table: pa.Table, localizer: str) -> pa.Table:
    """Add the heat maps of a saved localizer, whose heatCol is "heat", as masks."""
    found = irbis.load(localizer).transform(table.select(["image"]))
    return table.append_column("mask", found["heat"])


def ask(known: pa.Table, queries: pa.Table, **params) -> dict[str, float]:
    """Ask for each chip among the others."""
    usual = {"boxCol": "box", "annotationCol": "file", "excludeSelf": True, "numCandidates": 8}
    if "mask" in known.schema.names:
        usual["maskCol"] = "mask"
    out = HotSpotter(**usual, **params).fit(known).transform(queries).to_pylist()
    names = [row["individual"] for row in out]
    paired = [row for row in out if names.count(row["individual"]) > 1]
    single = [row for row in out if names.count(row["individual"]) == 1]
    others, pairs = [0], []
    for row in out:
        true = [0]
        for candidate in row["candidates"] or []:
            same = candidate["name"] == row["individual"]
            (true if same else others).append(candidate["inliers"])
        if row in paired:
            pairs.append(max(true))
    return {
        "pairs": len(paired),
        "found first": sum(
            bool(r["candidates"]) and r["candidates"][0]["name"] == r["individual"] for r in paired
        ),
        "named": sum(r["prediction"] == r["individual"] for r in paired),
        "singles called unknown": sum(r["prediction"] == "unknown" for r in single),
        "fewest inliers of a true pair": min(pairs),
        "most of any other": max(others),
    }
