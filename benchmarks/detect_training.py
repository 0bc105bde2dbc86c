"""How good a detector gets on boxes that nobody drew, beside its twin on a person's boxes.

    python benchmarks/detect_training.py raccoon --data DIR
    python benchmarks/detect_training.py kangaroo --data DIR --ignore-far
    python benchmarks/detect_training.py kangaroo --data DIR --ignore-far --full   # all five folds
    python benchmarks/detect_training.py cats --boxes cats.json --sheet cats.png

Boxes are CoLocalizer's at its defaults, or those of a COCO or MegaDetector file (`--boxes`): of
`irbis discover` (boxes.json), or of anybody's program. One seed (kangaroo: two of five folds);
`--full` is three seeds and all folds, `--seeds` says how many seeds. A training is about two
minutes of one core. Prints one JSON object a line: {"bench", "figure", "case", "value", "unit",
"n", "interval", "peers"}; `detector_corloc` is the trained detector's. Intervals are of 300 draws of the test pictures: the draw of a seed is
not in them.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import detect_cases
import numpy as np

from irbis import CoLocalizer, FasterRCNN, ModelDownloader
from irbis.detect.bootstrap import interval
from irbis.detect.box_file import BoxFile, FileBoxes, boxes_from_file
from irbis.detect.by_name import ByName
from irbis.detect.detection import DetectionSession
from irbis.detect.evaluate import FALSE_ALARMS, centre_box, evaluate, measure
from irbis.detect.examples import Example
from irbis.detect.matching import Match, match
from irbis.detect.outcome import Found
from irbis.detect.sheet import comparison_sheet
from irbis.detect.sources import MOST
from irbis.image.codec import decode, encode
from irbis.samples import PETS

SHARES = {"raccoon": 0.88, "kangaroo": 0.60}  # of the twin, as asked
LOCATED = {"corloc", "corloc70", "mean_iou"}


@dataclass
class Shot:
    path: Path
    picture: np.ndarray
    true: np.ndarray


@dataclass
class Split:
    train: list[Shot]
    test: list[Shot]


@dataclass
class Case:
    splits: list[Split]
    others: list[np.ndarray]  # the first half teaches, at the other a find is wrong


def line(figure: str, case: str, value: float, n: int, interval=None, unit="share", **peers):
    found = {"bench": "detect", "figure": figure, "case": case, "value": round(value, 4)}
    rounded = {name: round(v, 4) for name, v in peers.items()}
    low_high = interval and [round(v, 4) for v in interval]
    rest = {"unit": unit, "n": n, "interval": low_high, "peers": rounded}
    print(json.dumps({**found, **rest}), flush=True)


def shots(paths: list[Path], truth: dict[Path, np.ndarray]) -> list[Shot]:
    none = np.zeros((0, 4), np.float32)
    return [Shot(p, decode(p.read_bytes()), truth.get(p, none)) for p in paths]


def spread(folders: list[Path], count: int) -> list[np.ndarray]:
    """Twice as many pictures, as many of each folder, in turn."""
    files = zip(*(sorted(f.iterdir(), key=detect_cases.number) for f in folders), strict=False)
    paths = [p for row in files for p in row][: 2 * count]
    return [s.picture for s in shots(paths, {})]


def raccoon(data: Path, _full: bool) -> Case:
    known = detect_cases.raccoon(data, [])
    teach, test = (shots(side, known.truth) for side in (known.teach, known.measured))
    return Case([Split(teach, test)], web(data, 120))


def kangaroo(data: Path, full: bool) -> Case:
    known = detect_cases.kangaroo(data, [])
    seen = shots(known.measured, known.truth)
    order = random.Random(0).sample(range(len(seen)), len(seen))
    folds = [set(order[k::5]) for k in range(5)]
    splits = [
        Split(
            [s for i, s in enumerate(seen) if i not in fold],
            [s for i, s in enumerate(seen) if i in fold],
        )
        for fold in (folds if full else folds[:2])
    ]
    return Case(splits, web(data, 80))


def web(data: Path, count: int) -> list[np.ndarray]:
    return spread(sorted(p for p in (data / "bigcats_web").iterdir() if p.is_dir()), count)


def cats(_data: Path, _full: bool) -> Case:
    known = detect_cases.cats()
    teach, test = (shots(side, known.truth) for side in (known.teach, known.measured))
    return Case([Split(teach, test)], spread([PETS / "dogs"], len(teach)))


def colocalized(name: str, data: Path) -> BoxFile:
    """CoLocalizer's boxes, learned from the pictures that teach; several a picture."""
    from detect_boxes import frame_of, learn, most_alike, read

    known = detect_cases.case(name, data)
    network = ModelDownloader().downloadByName("EfficientNetLite0")
    classifier = learn(known, network)
    alike = [known.teach[i] for i in most_alike(known, classifier)]
    localizer = CoLocalizer(maxObjects=MOST).setClassifier(classifier)
    model = localizer.fit(frame_of([(p, 1.0) for p in alike]))
    entries = {}
    for path in dict.fromkeys([*known.teach, *known.measured]):
        table = model.transform(read([path]))
        height, width = decode(path.read_bytes()).shape[:2]
        found = Found.of(table["boxes"][0].as_py())
        shares = found.boxes.astype(float) / [width, height, width, height]
        entries[str(path)] = FileBoxes(shares, found.scores)
    return BoxFile(ByName(entries), (name,), tuple(entries))


def trained(
    examples: list[Example], seed: int, *, far: bool = False, iterations: int = 120
) -> DetectionSession:
    start = time.process_time()
    learner = FasterRCNN(labels=["it"], seed=seed, ignoreFar=far, iterations=iterations)
    detector = learner.fit_examples(examples)
    count = len(examples)
    taken = time.process_time() - start
    print(f"trained on {count} pictures: {taken:.0f} cpu s", file=sys.stderr, flush=True)
    return DetectionSession(detector.files()[0].locate())


def found_by(session: DetectionSession, test: list[Shot]) -> list[tuple]:
    return [session.detect(s.picture)[::2] for s in test]


def speed(session: DetectionSession, test: list[Shot], case: str) -> None:
    """Resizing, network and boxes; one thread."""
    found_by(session, test[:3])
    start = time.perf_counter()
    found_by(session, test)
    rate = len(test) / (time.perf_counter() - start)
    line("pictures_per_second", case, rate, len(test), unit="1/s a core at 320 px", asked=12.0)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    cases = {"raccoon": raccoon, "kangaroo": kangaroo, "cats": cats}
    parser.add_argument("case", choices=cases)
    parser.add_argument("--data", type=Path, help="folder of raccoon_voc, kangaroo_part, ...")
    parser.add_argument("--boxes", help="COCO or MegaDetector file; else CoLocalizer's")
    parser.add_argument("--category", action="append", help="whose boxes, if there are several")
    parser.add_argument("--ignore-far", action="store_true", help="ignoreFar on the guessed boxes")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, help="how many; default: 1, with --full 3")
    parser.add_argument("--sheet", type=Path, help="PNG with a person's boxes and ours")
    parser.add_argument("--iterations", type=int, default=120)
    options = parser.parse_args(arguments)
    case = cases[options.case](options.data, options.full)
    if options.boxes is None:
        boxes, least = colocalized(options.case, options.data), 0.0
    else:
        least = 0.2
        boxes = boxes_from_file(options.boxes, options.category)
    half = len(case.others) // 2
    negatives = [Example(p) for p in case.others[:half]]
    empty = [Shot(Path(), p, np.zeros((0, 4))) for p in case.others[half:]]
    seeds = range(options.seed, options.seed + (options.seeds or (3 if options.full else 1)))
    test = [s for split in case.splits for s in split.test]
    weak, twin = [], []  # by seed, the test pictures of every split
    alarms: list[dict[str, float]] = []
    for seed in seeds:
        weak.append([])
        twin.append([])
        for split in case.splits:
            examples = boxes.examples([(str(s.path), s.picture) for s in split.train], least)
            positives = [e for e in examples if len(e.boxes)]
            if options.boxes is None:  # they count alike, as in `irbis discover`
                positives = [replace(e, weights=None) for e in positives]
            human = [
                Example(s.picture, s.true, np.ones(len(s.true), np.int64)) for s in split.train
            ]
            steps = options.iterations
            session = trained(
                [*positives, *negatives], seed, far=options.ignore_far, iterations=steps
            )
            other = trained([*human, *negatives], seed, iterations=steps)
            sides = [found_by(s, split.test) for s in (session, other)]
            weak[-1] += sides[0]
            twin[-1] += sides[1]
            ours, theirs = (evaluate(side, [s.true for s in split.test]).ap50 for side in sides)
            print(
                f"seed {seed}, {len(split.test)} pictures: AP50 {ours:.3f}, human {theirs:.3f}",
                file=sys.stderr,
                flush=True,
            )
            both = [*split.test, *empty]
            alarms.append(recalls(found_by(session, both), [s.true for s in both]))
    for name in alarms[0]:
        n = len(case.splits[0].test) + len(empty)
        line(name, options.case, float(np.mean([a[name] for a in alarms])), n)
    report(options.case, weak, twin, test, boxes)
    speed(session, case.splits[-1].test, options.case)
    if options.sheet:
        draw(options.sheet, test, weak[0])


def figures(runs: list[list[Match]], places=None) -> dict[str, float]:
    """Mean over the seeds, on those pictures."""
    pick = range(len(runs[0])) if places is None else places
    all_of = [measure([run[i] for i in pick]).all() for run in runs]
    return {name: float(np.mean([f[name] for f in all_of])) for name in all_of[0]}


def recalls(found: list, true: list) -> dict[str, float]:
    """Share of the objects found, with so many false finds a picture, pictures of others among them."""
    recall = evaluate(found, true).recalls
    return {f"recall_at_{allowed}_false_a_picture": recall[allowed] for allowed in FALSE_ALARMS}


def report(case: str, weak: list, twin: list, test: list[Shot], boxes) -> None:
    n = len(test)
    true = [s.true for s in test]
    sizes = [s.picture.shape[1::-1] for s in test]
    known = [boxes.find(str(s.path)) for s in test]
    rows = {
        "weak": weak,
        "human boxes": twin,
        "centre box": [[(centre_box(*size)[None], np.ones(1)) for size in sizes]],
    }
    if sum(k is not None for k in known) > n / 2:  # boxes of the test pictures too
        none = np.zeros((0, 4)), np.zeros(0)
        rows["pseudo boxes"] = [
            [(k.pixels(*size), k.scores) if k else none for k, size in zip(known, sizes)]
        ]
    matched = {
        name: [[match(p, t) for p, t in zip(run, true, strict=True)] for run in runs]
        for name, runs in rows.items()
    }
    found = {name: figures(runs) for name, runs in matched.items()}
    drawn = {}

    def weak_and_human(places: np.ndarray) -> tuple[dict, dict]:
        key = places.tobytes()
        if key not in drawn:
            drawn[key] = tuple(figures(matched[name], places) for name in ("weak", "human boxes"))
        return drawn[key]

    for name, value in found["weak"].items():
        bounds = interval(lambda p, name=name: weak_and_human(p)[0][name], n, draws=300)
        shown = f"detector_{name}" if name in LOCATED else name  # `corloc`: of the guessed boxes
        peers = {k: f[name] for k, f in found.items() if k != "weak"}
        line(shown, case, value, n, bounds, **peers)

    def share(places: np.ndarray) -> float:
        ours, human = weak_and_human(places)
        return ours["ap50"] / human["ap50"] if human["ap50"] else float("nan")

    asked = {"asked": SHARES[case]} if case in SHARES else {}
    value = found["weak"]["ap50"] / found["human boxes"]["ap50"]
    line("ap50_share_of_human", case, value, n, interval(share, n, draws=300), **asked)


def draw(path: Path, test: list[Shot], weak: list) -> None:
    """The best box of each of the first test pictures, and all others from a score of 0.5 on."""
    shown = [boxes[(scores >= 0.5) | (np.arange(len(scores)) == 0)] for boxes, scores in weak[:30]]
    tiles = test[:30]
    sheet = comparison_sheet([s.picture for s in tiles], [s.true for s in tiles], shown, columns=6)
    path.write_bytes(encode(sheet, form="PNG"))


if __name__ == "__main__":
    main()
