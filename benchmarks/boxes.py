"""Boxes without boxes on the shipped sample: every rule on LIME's weights, beside the centre box.

    python benchmarks/boxes.py            # every rule, held-out cats; a minute or two
    python benchmarks/boxes.py --full     # and the detector trained on human boxes: the upper bound
    python benchmarks/boxes.py --small    # a few pictures, under a minute: does it run?

Prints one JSON object a line: {"bench", "figure", "case", "value", "unit", "peers"}.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np

from irbis import BoxesFromWeights, FasterRCNN, ModelDownloader, session
from irbis.detect import catalog as catalogs
from irbis.detect.classify import fit
from irbis.detect.detection import DetectionSession
from irbis.detect.evaluate import Evaluation, centre_box, evaluate
from irbis.detect.explaining import explain, lime, of_contents
from irbis.detect.features import write_features
from irbis.detect.listing import listing
from irbis.detect.progress import Steps
from irbis.detect.rules import RULES
from irbis.detect.truth import Truth
from irbis.explain.explanation import Explanation
from irbis.image.codec import decode
from irbis.samples import PETS


def line(figure: str, case: str, value: float, peers: dict[str, float]) -> None:
    found = {"bench": "boxes", "figure": figure, "case": case, "value": round(value, 4)}
    rounded = {name: round(v, 4) for name, v in peers.items()}
    print(json.dumps({**found, "unit": "share", "peers": rounded}), flush=True)


def report(case: str, scored: Evaluation, centre: Evaluation) -> None:
    for figure in ("corloc", "corloc70", "mean_iou"):
        peers = {"centre box": getattr(centre, figure)}
        line(figure, case, getattr(scored, figure), peers)


def pictures(small: bool) -> list[Path]:
    folder = tempfile.mkdtemp()
    count = 24 if small else 150
    sides = []
    for name in ("cats", "dogs"):
        side = Path(folder) / name
        side.mkdir()
        for path in sorted((PETS / name).iterdir())[:count]:
            (side / path.name).symlink_to(path)
        sides.append(side)
    return sides


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    cats, dogs = pictures(options.small)
    spark = session()
    frame = catalogs.read(spark, [cats], [dogs])
    work = Path(tempfile.mkdtemp())
    with listing(frame, work / "listing") as all_of:
        rows = all_of.chosen(len(list(PETS.rglob("*.jpg"))))
    catalog = catalogs.build(frame, rows, catalogs.fingerprints(frame, rows))
    truth = Truth.read(PETS / "annotations.json", "cat")
    network = ModelDownloader().downloadByName("EfficientNetLite0")
    write_features(catalog, network, held_out=False, folder=work)
    stage = lime().setParams(model=fit(catalog, network, work))
    held, content = catalog.paths(1.0, True), catalog.select(1.0, True)
    steps = Steps()
    with steps.step("explain", total=len(held), unit="picture") as bar:
        explain(stage, catalog.images(1.0, True), len(held), work, bar)
    found = of_contents(work, {row["sha256"] for row in content})
    explained = {row["path"]: Explanation.from_row(found[row["sha256"]]) for row in content}
    true = [truth.find(p) for p in held]
    one = np.ones(1)
    centre = evaluate(
        [(centre_box(explained[p].width, explained[p].height)[None], one) for p in held], true
    )
    for rule in RULES:
        make = BoxesFromWeights(rule=rule, label="cat").make_function()
        boxes, areas = [], []
        for path in held:
            found = make.boxes(explained[path])
            corners = [[b["xmin"], b["ymin"], b["xmax"], b["ymax"]] for b in found]
            boxes.append((np.array(corners).reshape(-1, 4), np.ones(len(found))))
            size = explained[path].width * explained[path].height
            areas += [(c[2] - c[0]) * (c[3] - c[1]) / size for c in corners]
        report(rule, evaluate(boxes, true), centre)
        line("area_share", rule, float(np.mean(areas)), {"human": _area(true, held, explained)})
    if options.full:
        human_twin(catalog, truth, held, true, centre, steps)


def _area(true: list[np.ndarray], held: list[str], explained: dict) -> float:
    shares = [
        float(np.prod(t[0, 2:] - t[0, :2])) / (explained[p].width * explained[p].height)
        for t, p in zip(true, held, strict=True)
    ]
    return float(np.mean(shares))


def human_twin(catalog, truth, held, true, centre, steps) -> None:
    """The same detector on human boxes of the same training pictures."""
    cats, dogs = catalog.paths(1.0, False), catalog.paths(0.0, False)
    wanted = [*cats, *dogs[:: max(1, len(dogs) // len(cats))][: len(cats)]]
    content = catalog.read([*wanted, *held])
    empty = np.zeros((0, 4), np.float32)
    boxes = [truth.find(p) if p in set(cats) else empty for p in wanted]
    with steps.step("train on human boxes", total=120) as bar:
        learner = FasterRCNN(labels=["cat"])
        learner.progress = lambda *_: bar.update()
        seen = [decode(content[p]) for p in wanted]
        detector = learner.fit_rows(seen, boxes, [np.ones(len(b), np.int64) for b in boxes])
    run = DetectionSession(detector.files()[0].locate())
    found = [run.detect(decode(content[p])) for p in held]
    scored = evaluate([(b, s) for b, _, s in found], true)
    report("detector on human boxes", scored, centre)
    for figure in ("ap50", "ap"):
        line(figure, "detector on human boxes", getattr(scored, figure), {})


if __name__ == "__main__":
    main()
