"""LIME's boxes, the deck's way, at two sizes of the network's picture, and what they cost."""

import time
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from detect_boxes import centres, interval, learn, most_alike, overlaps, read
from detect_cases import Case

from irbis import CoLocalizer, ImageLIME, LimeLocalizer
from irbis.detect.bootstrap import intervals
from irbis.detect.evaluate import centre_box, evaluate

SIZES = (224, 448)
FORWARDS = 128
FIGURES = {"corloc": 0.5, "corloc70": 0.7}


def lime(case: Case, network, count: int) -> Iterator[dict]:
    """Boxes of the first `count` measured pictures, beside co-localisation's of the same."""
    few = Case(case.name, case.teach, case.others, case.measured[:count], case.truth)
    pictures = read(few.measured)
    tables, seconds = {}, {}
    for size in SIZES:
        classifier = learn(few, network, size)
        stage = LimeLocalizer(explainer=ImageLIME(model=classifier, targetCol="prob"))
        start = time.perf_counter()
        tables[f"lime_{size}"] = stage.transform(pictures)
        seconds[f"lime_{size}"] = (time.perf_counter() - start) / len(few.measured)
        if size == SIZES[0]:
            order = most_alike(few, classifier)
            model = CoLocalizer(heatCol="heat").setClassifier(classifier)
            model = model.fit(read([few.teach[i] for i in order]))
            start = time.perf_counter()
            tables["colocalize"] = model.transform(pictures)
            seconds["colocalize"] = (time.perf_counter() - start) / len(few.measured)
    yield from lines(few, tables, seconds, len(model.getSizes()))


def lines(
    case: Case, tables: dict[str, pa.Table], seconds: dict[str, float], forwards: int
) -> Iterator[dict]:
    found = {name: overlaps(case, table) for name, table in tables.items()}
    found["centre box"] = centres(case, tables["colocalize"])
    for size in SIZES:
        name = f"lime_{size}"
        for figure, least in FIGURES.items():
            hits = {n: (o >= least).astype(float) for n, o in found.items()}
            own = hits.pop(name)
            yield {
                "bench": "detect", "figure": f"{name}_{figure}", "case": case.name,
                "value": round(float(own.mean()), 4), "unit": "share", "n": len(own),
                "interval": interval(own), "of": "guessed boxes", "forwards": FORWARDS,
                "peers": {n: round(float(np.mean(h)), 4) for n, h in hits.items()},
                "peer_forwards": {n: FORWARDS if "lime" in n else forwards for n in tables if n != name},
            }  # fmt: skip
        yield precision(case, tables, name)
        yield {
            "bench": "detect", "figure": f"{name}_seconds_a_picture", "case": case.name,
            "value": round(seconds[name], 3), "unit": "s, every core", "n": len(case.measured),
            "interval": None, "forwards": FORWARDS,
            "peers": {n: round(s, 3) for n, s in seconds.items() if n != name},
        }  # fmt: skip


def precision(case: Case, tables: dict[str, pa.Table], name: str) -> dict:
    true = [case.truth[p] for p in case.measured]
    found = {
        n: [boxes_of(row) for row in table["boxes"].to_pylist()] for n, table in tables.items()
    }
    sizes = [
        (h["pictureWidth"], h["pictureHeight"]) for h in tables["colocalize"]["heat"].to_pylist()
    ]
    found["centre box"] = [(centre_box(*size)[None], np.ones(1, np.float32)) for size in sizes]
    own = found.pop(name)
    low_high = intervals(own, true, ["ap50"])["ap50"]
    return {
        "bench": "detect", "figure": f"{name}_ap50", "case": case.name,
        "value": round(evaluate(own, true).ap50, 4), "unit": "share", "n": len(true),
        "interval": [round(v, 4) for v in low_high], "of": "guessed boxes", "forwards": FORWARDS,
        "peers": {n: round(evaluate(f, true).ap50, 4) for n, f in found.items()},
    }  # fmt: skip


def boxes_of(row: list[dict] | None) -> tuple[np.ndarray, np.ndarray]:
    corners = [[b[k] for k in ("xmin", "ymin", "xmax", "ymax")] for b in row or ()]
    scores = np.array([b["score"] for b in row or ()], np.float32)
    return np.array(corners, np.float32).reshape(-1, 4), scores
