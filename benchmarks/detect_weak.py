"""Boxes that nobody drew of one case, as the main job makes them: how good they are."""

from collections.abc import Iterator

import pyarrow as pa
from detect_boxes import centres, interval, learn, most_alike, overlaps, read
from detect_cases import Case

from irbis import CoLocalizer

ASKED = {("raccoon", "corloc"): 0.88, ("kangaroo", "corloc"): 0.70}
AT = {"corloc": 0.5, "corloc70": 0.7}


def weak(case: Case, network) -> Iterator[dict]:
    """Yield how good the guessed boxes of the measured pictures are."""
    classifier = learn(case, network)
    order = most_alike(case, classifier)
    stage = CoLocalizer(heatCol="heat").setClassifier(classifier)
    model = stage.fit(read([case.teach[i] for i in order]))
    yield from figures(case, model.transform(read(case.measured)), len(model.getSizes()))


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
