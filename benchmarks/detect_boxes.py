"""Pseudo boxes of every source beside the box in the centre, and which rule the others would choose."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from detect_cases import Case, cases
from pyspark.ml.classification import LogisticRegression

from irbis import (
    CamLocalizer,
    CoLocalizer,
    ImageFeaturizer,
    ImageLIME,
    LimeLocalizer,
    ModelDownloader,
    Pipeline,
    session,
)
from irbis.detect.boxing import Boxing
from irbis.detect.calibrating import RULES_TRIED
from irbis.detect.consensus import alike, consensus
from irbis.detect.evaluate import centre_box, iou_matrix
from irbis.detect.heat import heat_of

FIGURES = {
    "corloc": lambda o: o >= 0.5,
    "corloc70": lambda o: o >= 0.7,
    "mean_iou": lambda o: o,
}


def boxes(data: Path, *, small: bool, full: bool) -> Iterator[dict]:
    network = ModelDownloader().downloadByName("EfficientNetLite0")
    explained = 2 if small else 30 if full else 8
    heats = {}
    for case in cases(data, small):
        classifier = learn(case, network)
        order = most_alike(case, classifier)
        stage = CoLocalizer(heatCol="heat").setClassifier(classifier)
        model = stage.fit(frame_of([(case.teach[i], 1.0) for i in order]))
        table = model.transform(read(case.measured))
        found = {"colocalize": table, **rivals(case, classifier, network, explained, full=full)}
        yield from lines(case, found, cost(model), full=full)
        yield about(case, model, table)
        taught = table if case.teach == case.measured else model.transform(read(case.teach))
        heats[case.name] = overlaps_by_rule(case, taught)
        if case.name == "raccoon":
            yield dirty(case, network, data, table)
    if len(heats) > 1:
        yield from left_out(heats)


def learn(case: Case, network, size: int | None = None):
    """The classifier: which pictures hold the animal."""
    session()  # Spark ML's classes want one to be there
    schema = network if size is None else replace(network, inputHeight=size, inputWidth=size)
    fit = LogisticRegression(featuresCol="features", probabilityCol="prob", regParam=0.5)
    stages = [ImageFeaturizer(cutOutputLayers=2).setModel(schema), fit]
    rows = [(p, 1.0) for p in case.teach] + [(p, 0.0) for p in case.others]
    return Pipeline(stages=stages).fit(frame_of(rows))


def frame_of(rows):
    content = [(bytearray(p.read_bytes()), label) for p, label in rows]
    return session().createDataFrame(content, "image binary, label double").repartition(8)


def read(paths: list[Path]) -> pa.Table:
    return pa.table({"image": [p.read_bytes() for p in paths]})


def rivals(case: Case, classifier, network, explained: int, *, full: bool) -> dict[str, pa.Table]:
    pictures = read(case.measured)
    cam = CamLocalizer(heatCol="heat").setClassifier(classifier)
    few = pictures.slice(0, explained)
    larger = learn(case, network, 448) if full else None
    limes = {"lime_224": classifier} | ({"lime_448": larger} if larger else {})
    return {"cam": cam.transform(pictures)} | {
        name: LimeLocalizer(explainer=ImageLIME(model=model, targetCol="prob")).transform(few)
        for name, model in limes.items()
    }


def cost(model) -> dict[str, int]:
    return {
        "colocalize": len(model.getSizes()), "cam": 1, "lime_224": 128, "lime_448": 128, "centre": 0
    }  # fmt: skip


def overlaps(case: Case, table: pa.Table) -> np.ndarray:
    """Best IoU of each picture's first box with any true one."""
    found = table["boxes"].to_pylist()
    out = []
    for path, row in zip(case.measured, found):
        first = [[row[0][k] for k in ("xmin", "ymin", "xmax", "ymax")]] if row else [[0] * 4]
        out.append(iou_matrix(np.array(first), case.truth[path]).max())
    return np.array(out)


def centres(case: Case, table: pa.Table) -> np.ndarray:
    out = []
    for path, heat in zip(case.measured, table["heat"].to_pylist(), strict=True):
        box = centre_box(heat["pictureWidth"], heat["pictureHeight"])[None]
        out.append(iou_matrix(box, case.truth[path]).max())
    return np.array(out)


def lines(
    case: Case, found: dict[str, pa.Table], forwards: dict[str, int], *, full: bool
) -> Iterator[dict]:
    measured = {name: overlaps(case, table) for name, table in found.items()}
    measured["centre"] = centres(case, found["colocalize"])
    for figure, of in FIGURES.items():
        values = {name: of(o).astype(float) for name, o in measured.items()}
        own = values.pop("colocalize")
        yield {
            "bench": "detect", "figure": figure, "case": case.name,
            "value": round(float(own.mean()), 4), "unit": "share", "n": len(own),
            "interval": interval(own), "forwards": forwards["colocalize"],
            "peers": {n: round(float(v.mean()), 4) for n, v in values.items()}
            | ({} if full else {"lime_448": "not measured: takes --full"}),
            "peer_n": {n: len(v) for n, v in values.items()},
            "peer_interval": {n: interval(v) for n, v in values.items()},
            "peer_forwards": {n: forwards[n] for n in values},
            "on_the_first": {
                n: round(float(own[: len(v)].mean()), 4) for n, v in values.items()
                if len(v) < len(own)
            },
        }  # fmt: skip


def interval(values: np.ndarray) -> list[float]:
    """95 %, by drawing pictures again 2000 times."""
    drawn = np.random.default_rng(0).integers(0, len(values), (2000, len(values)))
    low, high = np.quantile(values[drawn].mean(axis=1), [0.025, 0.975])
    return [round(float(low), 4), round(float(high), 4)]


def about(case: Case, model, table: pa.Table) -> dict:
    """Does the agreement of the looks tell good boxes from bad ones?"""
    said = np.array([row["agreement"] for row in table["heat"].to_pylist()])
    right = overlaps(case, table) >= 0.5
    pairs = [float(a > b) + 0.5 * float(a == b) for a in said[right] for b in said[~right]]
    return {
        "bench": "detect", "figure": "agreement_auc", "case": case.name,
        "value": round(float(np.mean(pairs)), 4) if pairs else None, "unit": "share",
        "n": len(said), "mean_agreement": round(float(said.mean()), 4),
        "components": model.getReport(), "pictures": model.getCounts(), "peers": {},
    }  # fmt: skip


def dirty(case: Case, network, data: Path, clean: pa.Table) -> dict:
    """Three in ten of the positives show something else: snow leopards among the raccoons."""
    folder = data / "bigcats_web" / "snow_leopard_panthera_uncia"
    count = round(len(case.teach) * 3 / 7)
    mixed = replace(
        case,
        teach=[*case.teach, *sorted(folder.glob("*.jpg"))[:count]],
        others=[p for p in case.others if p.parent != folder],
    )
    classifier = learn(mixed, network)
    order = most_alike(mixed, classifier)
    corlocs = {}
    for name, chosen in (("alike", order), ("all", range(len(mixed.teach)))):
        stage = CoLocalizer(heatCol="heat").setClassifier(classifier)
        model = stage.fit(read([mixed.teach[i] for i in chosen]))
        corlocs[name] = float((overlaps(case, model.transform(read(case.measured))) >= 0.5).mean())
    return {
        "bench": "detect", "figure": "corloc_with_30_percent_unrelated", "case": case.name,
        "value": round(corlocs["alike"], 4), "unit": "share", "n": len(case.measured),
        "unrelated_among_them": int((order >= len(case.teach)).sum()), "alike": len(order),
        "peers": {
            "learned from all": round(corlocs["all"], 4),
            "clean": round(float((overlaps(case, clean) >= 0.5).mean()), 4),
        },
    }  # fmt: skip


def most_alike(case: Case, classifier) -> np.ndarray:
    """Which of the pictures that teach are like the rest, as the main job chooses them."""
    targets, others = (features(classifier.stages[0], p) for p in (case.teach, case.others))
    return np.flatnonzero(alike(consensus(targets, others)))


def features(featurizer, paths: list[Path]) -> np.ndarray:
    rows = featurizer.transform(read(paths))["features"].to_pylist()
    return np.array([row["values"] for row in rows])


def overlaps_by_rule(case: Case, table: pa.Table) -> dict[str, float]:
    """CorLoc on the pictures that taught, by rule."""
    found = {}
    for rule, fraction in RULES_TRIED:
        boxing, hits = Boxing(rule, fraction), []
        for path, row in zip(case.teach, table["heat"].to_pylist(), strict=True):
            sides = np.array([row["pictureWidth"], row["pictureHeight"]] * 2)
            parts = boxing.parts(heat_of(row))
            first = np.array([parts[0][0] if parts else (0.0,) * 4]) * sides
            hits.append(iou_matrix(first, case.truth[path]).max() >= 0.5)
        found[rule if fraction is None else f"{rule}={fraction:g}"] = float(np.mean(hits))
    return found


def left_out(found: dict[str, dict[str, float]]) -> Iterator[dict]:
    """The rule that the other animals choose, on this one; beside the default and the best one."""
    for name, mine in found.items():
        others = [scores for case, scores in found.items() if case != name]
        chosen = max(mine, key=lambda rule: np.mean([scores[rule] for scores in others]))
        best = max(mine, key=lambda rule: mine[rule])
        yield {
            "bench": "detect", "figure": "corloc_rule_of_the_others", "case": name,
            "value": round(mine[chosen], 4), "unit": "share", "rule": chosen,
            "peers": {"default": round(mine["std=0.1"], 4), f"best: {best}": round(mine[best], 4)},
        }  # fmt: skip
