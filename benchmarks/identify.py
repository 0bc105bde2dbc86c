"""HotSpotter: how often it is right, how fast it is beside comparing everything, how it grows.

    python benchmarks/identify.py                # rank and growth to 10k chips: some five minutes
    python benchmarks/identify.py --case 100k    # one case: rank, 1k, 10k or 100k
    python benchmarks/identify.py --case leopards    # nine real chips (--data), boxes true and shifted
    python benchmarks/identify.py --small        # a few chips: does it run?

The animals are generated (identify_animals.py), not photographed. In the cases 1k, 10k and 100k the
known set's descriptors are synthesised too: real RootSIFT descriptors of generated animals, each mixed
with another and with noise, 100 a chip (--keypoints). Queries are real chips of 1000 keypoints.

Prints one JSON object a line: {"bench", "figure", "case", "value", "unit", "peers"}.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import identify_leopards
import numpy as np
from identify_animals import sight

from irbis.identify.brute import nearest
from irbis.identify.cells import cell_count, learn_cells
from irbis.identify.chip import cut
from irbis.identify.keypoints import Keypoints, KeypointSettings, find_keypoints
from irbis.identify.known_set import KnownSet
from irbis.identify.ranking import Matching, rank
from irbis.identify.shard import Annotation, Shard, pack
from irbis.identify.verification import Verification, inliers
from irbis.image.picture import PictureError

SCALES = {"1k": 1_000, "10k": 10_000, "100k": 100_000}
HARD = (0.5, 1.0, 2.0)
SHARD = 2_000_000
VARIANTS = {
    "count": Matching(score="count"),
    "ratio": Matching(score="ratio"),
    "logratio": Matching(score="logratio"),
    "lnbnn, k=1": Matching(neighbours=1),
    "lnbnn, k=8": Matching(neighbours=8),
}


def line(figure: str, case: str, value: float, unit: str, peers: dict[str, float] | None = None):
    found = {"bench": "identify", "figure": figure, "case": case, "value": round(value, 4)}
    rounded = {name: round(v, 4) for name, v in (peers or {}).items()}
    print(json.dumps({**found, "unit": unit, "peers": rounded}), flush=True)


def chip(who: tuple[int, int, float, int], most: int, tilts: int = 0) -> Keypoints:
    import cv2

    cv2.setNumThreads(1)
    individual, number, hard, station = who
    seen = sight(individual, number, hard=hard, station=station)
    settings = KeypointSettings(most=most, tilts=tilts)
    try:
        return find_keypoints(cut(seen.picture, seen.box, 400, seen.mask), settings)
    except PictureError:  # too small: an error row, which finds nobody
        empty = np.zeros((0, 4), np.float32), np.zeros((0, 128), np.uint8)
        return Keypoints(*empty, 1, 1, (0.0, 0.0, 1.0, 1.0))


def chips(who: list[tuple[int, int, float, int]], most: int) -> list[Keypoints]:
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(partial(chip, most=most), who, chunksize=4))


def known_set(annotations: list[Annotation], folder: Path) -> KnownSet:
    pool = np.concatenate([a.keypoints.descriptors for a in annotations])
    cells = learn_cells(pool, cell_count(len(pool)), 0)
    return KnownSet(cells, [shard(annotations, cells, folder, "all")])


def shard(annotations, cells, folder: Path, name: str) -> Shard:
    paths = folder / f"{name}.index", folder / f"{name}.arrow"
    for path, content in zip(paths, pack(annotations, cells), strict=True):
        path.write_bytes(content)
    return Shard(*paths)


def one_by_one(known: list[Annotation], query: Keypoints) -> list[str]:
    """The paper's one-vs-one: a match is 1.62 times nearer, squared, than the next in that chip."""
    scores: dict[str, float] = {}
    for other in known:
        there = other.keypoints
        if len(there.descriptors) < 2:
            continue
        distances, which = nearest(query.descriptors, there.descriptors, 2)
        ratio = distances[:, 1] / np.maximum(distances[:, 0], 0.5)
        good = np.flatnonzero(ratio > 1.62)
        kept = inliers(
            query.geometry[good],
            there.geometry[which[good, 0]],
            ratio[good].astype(np.float64),
            float(np.hypot(there.width, there.height)),
            Verification(),
        )
        if len(kept) >= 4:
            score = float(ratio[good[kept]].sum())
            scores[other.name] = max(score, scores.get(other.name, 0.0))
    return sorted(scores, key=lambda name: -scores[name])


def judged(found) -> tuple[np.ndarray, np.ndarray]:
    """Score of the right name where it is first, else 0; and its place; of query i = animal i."""
    places = [
        next((p for p, c in enumerate(f) if c.name == str(i)), 10**9) for i, f in enumerate(found)
    ]
    true = [f[0].score if place == 0 else 0.0 for f, place in zip(found, places, strict=True)]
    return np.array(true), np.array(places)


def area(true, false) -> float:
    higher = np.subtract.outer(np.array(true), np.array(false))
    return float(np.mean(higher > 0) + 0.5 * np.mean(higher == 0))


def ranks(small: bool) -> None:
    individuals, asked = (5, 2) if small else (250, 24)
    most = 500
    rng = np.random.default_rng(0)
    stations = rng.integers(0, 10, (individuals, 2)).tolist()
    who = [(i, n, 1.0, stations[i][n]) for i in range(individuals) for n in range(2)]
    annotations = [
        Annotation(f"{w[0]}-{w[1]}", str(w[0]), None, None, k)
        for w, k in zip(who, chips(who, most), strict=True)
    ]
    known = known_set(annotations, Path(tempfile.mkdtemp()))
    matching = Matching()
    for hard in HARD[1:2] if small else HARD:
        right = chips([(i, 10, hard, 20) for i in range(asked)], most)
        strangers = chips([(10_000 + i, 10, hard, 20) for i in range(asked)], most)
        case = f"{len(annotations)} chips, difficulty {hard}"
        found, seconds = [], []
        for query in right:
            start = time.perf_counter()
            found.append(rank(known, query, matching))
            seconds.append(time.perf_counter() - start)
        true, places = judged(found)
        false = [max((c.score for c in rank(known, q, matching)), default=0.0) for q in strangers]
        firsts, areas = {}, {}
        for name, other in VARIANTS.items() if hard == 1.0 else ():
            true_too, places_too = judged([rank(known, q, other) for q in right])
            false_too = [
                max((c.score for c in rank(known, q, other)), default=0.0) for q in strangers
            ]
            firsts[name] = float(np.mean(places_too < 1))
            areas[name] = area(true_too, false_too)
        exact, slow = firsts, []
        line("rank5", case, float(np.mean(places < 5)), "share")
        says = "area under ROC, named rightly vs unknown"
        line("unknown_auc", case, area(true, false), says, areas)
        for rate in (0.01, 0.05):
            limit = np.quantile(false, 1 - rate, method="higher")
            named = float(np.mean(true > limit))
            at = {"threshold": float(limit)}
            line(f"named_rightly_at_{rate:.0%}_false", case, named, "share", at)
        if hard == 1.0:
            names = []
            for query in right:
                start = time.perf_counter()
                names.append(one_by_one(annotations, query))
                slow.append(time.perf_counter() - start)
            exact["one-vs-one"] = np.mean([n[:1] == [str(i)] for i, n in enumerate(names)])
        line("rank1", case, float(np.mean(places < 1)), "share", exact)
        if slow:
            peers = {"one-vs-one seconds": np.mean(slow), "one-vs-many seconds": np.mean(seconds)}
            line("speedup_vs_one_vs_one", case, peers["one-vs-one seconds"] / np.mean(seconds),
                 "times", peers)  # fmt: skip


def leopards(data: str | None) -> None:
    place = identify_leopards.folder(data)
    if not place.exists():
        sys.exit(f"no pictures in {place}: name their folder with --data")
    for shift in (0.0, 0.1, 0.2):
        found = identify_leopards.ask(place, shift)
        case = f"9 leopards, boxes shifted by {shift}"
        line("rank1", case, found["found first"] / found["pairs"], "share", found)


class Synthesis:
    """Descriptors like real ones, as many as are asked for."""

    def __init__(self, pool: np.ndarray) -> None:
        self.pool = pool.astype(np.int16)
        self.rng = np.random.default_rng(0)
        self.noise = self.rng.normal(0, 9, (4096, 128)).astype(np.int16)

    def some(self, count: int) -> np.ndarray:
        one, two = self.rng.integers(0, len(self.pool), (2, count))
        mixed = (3 * self.pool[one] + self.pool[two]) >> 2
        mixed += self.noise[self.rng.integers(0, len(self.noise), count)]
        return np.clip(mixed, 0, 255).astype(np.uint8)


def growth(case: str, count: int, each: int, asked: int = 6) -> None:
    real = chips([(i, 0, 1.0, 20) for i in range(4 * asked)], 1000)
    queries, pool = real[:asked], np.concatenate([k.descriptors for k in real[asked:]])
    made = Synthesis(pool)
    folder = Path(tempfile.mkdtemp())
    rng = np.random.default_rng(1)
    start = time.perf_counter()
    cells = learn_cells(made.some(min(count * each, 600_000)), cell_count(count * each), 0)
    shards, waiting = [], []
    per_shard = max(1, SHARD // each)
    for number in range(count):
        geometry = np.column_stack(
            [rng.uniform(0, 500, each), rng.uniform(0, 300, each), rng.uniform(3, 20, each),
             rng.uniform(0, 6.28, each)]
        ).astype(np.float32)  # fmt: skip
        keypoints = Keypoints(geometry, made.some(each), 500, 300, (0.0, 0.0, 1.0, 1.0))
        waiting.append(Annotation(str(number), str(number // 2), None, None, keypoints))
        if len(waiting) == per_shard or number == count - 1:
            shards.append(shard(waiting, cells, folder, str(len(shards))))
            waiting = []
    build = time.perf_counter() - start
    disk = sum(p.stat().st_size for p in folder.iterdir())
    known = KnownSet(cells, shards)
    matching = Matching()
    rank(known, queries[0], matching)
    seconds = []
    for query in queries:
        start = time.perf_counter()
        rank(known, query, matching)
        seconds.append(time.perf_counter() - start)
    at = {"descriptors a chip": each, "cells": cells.count, "shards": len(shards)}
    line("query_seconds", case, float(np.median(seconds)), "s", at)
    line("build_seconds", case, build, "s, keypoints not counted", at)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line("memory_mb", case, peak, "MiB, peak of building and asking", at)
    line("disk_mb", case, disk / 2**20, "MiB", at)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--case", choices=("rank", "leopards", *SCALES))
    parser.add_argument("--keypoints", type=int, default=100)
    parser.add_argument("--data")
    options = parser.parse_args()
    if options.case is None and not options.small:
        # A process for each: a peak of memory belongs to one of them.
        for case in ("rank", "1k", "10k"):
            subprocess.run([sys.executable, *sys.argv, "--case", case], check=True)
    elif options.small:
        ranks(small=True)
        growth("60", 60, options.keypoints, asked=1)
    elif options.case == "leopards":
        leopards(options.data)
    elif options.case == "rank":
        ranks(small=False)
    else:
        growth(options.case, SCALES[options.case], options.keypoints)


if __name__ == "__main__":
    main()
