"""Boxes that nobody drew of one case, as the main job makes them: how good they are, and as a file."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from detect_boxes import centres, interval, learn, most_alike, overlaps, read
from detect_cases import Case

from irbis import CoLocalizer
from irbis.formats.coco import CocoImage, write_coco

ASKED = {("raccoon", "corloc"): 0.88, ("kangaroo", "corloc"): 0.70}
AT = {"corloc": 0.5, "corloc70": 0.7}
AREA = (0.02, 0.95)  # boxes that are trained on


def weak(case: Case, network, path: Path) -> Iterator[dict]:
    """Write a COCO file of the guessed boxes; yield how good those of the measured pictures are."""
    classifier = learn(case, network)
    order = most_alike(case, classifier)
    stage = CoLocalizer(heatCol="heat").setClassifier(classifier)
    model = stage.fit(read([case.teach[i] for i in order]))
    measured = model.transform(read(case.measured))
    taught = measured if case.teach == case.measured else model.transform(read(case.teach))
    alike = set(order.tolist())
    images = [
        picture(p, row, only_good=True)
        for i, (p, row) in enumerate(zip(case.teach, taught.to_pylist(), strict=True))
        if i in alike
    ]
    if case.teach != case.measured:
        rows = zip(case.measured, measured.to_pylist(), strict=True)
        images += [picture(p, row, only_good=False) for p, row in rows]
    write_coco(path, images)
    yield from figures(case, measured, len(model.getSizes()))


def picture(path: Path, row: dict, *, only_good: bool) -> CocoImage:
    width, height = row["heat"]["pictureWidth"], row["heat"]["pictureHeight"]
    corners = [[b[k] for k in ("xmin", "ymin", "xmax", "ymax")] for b in row["boxes"] or ()]
    boxes = np.asarray(corners, np.float32).reshape(-1, 4)
    share = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1) / (width * height)
    kept = (share >= AREA[0]) & (share <= AREA[1]) | (not only_good)
    scores = [float(b["score"]) for b, keep in zip(row["boxes"] or (), kept, strict=True) if keep]
    return CocoImage(str(path), width, height, boxes[kept], ["it"] * len(scores), scores)


def figures(case: Case, table: pa.Table, forwards: int) -> Iterator[dict]:
    own, centre = overlaps(case, table), centres(case, table)
    for figure, least in AT.items():
        asked = ASKED.get((case.name, figure))
        yield {
            "bench": "detect", "figure": figure, "case": case.name,
            "value": round(float((own >= least).mean()), 4), "unit": "share", "n": len(own),
            "interval": interval((own >= least).astype(float)), "of": "guessed boxes",
            "forwards": forwards,
            "peers": {"centre box": round(float((centre >= least).mean()), 4)}
            | ({} if asked is None else {"asked": asked}),
        }  # fmt: skip
