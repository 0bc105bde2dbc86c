"""HotSpotter: how often it is right, how fast it is beside comparing everything, how it grows.

    python benchmarks/identify.py                # rank and growth to 10k chips: some five minutes
    python benchmarks/identify.py --case 100k    # one case: rank, rocks, vectors, 1k, 10k or 100k
    python benchmarks/identify.py --case 10k --cluster    # and the same through a local-cluster
    python benchmarks/identify.py --case leopards    # nine real chips (--data), boxes true and shifted
    python benchmarks/identify.py --small        # a few chips: does it run?

The animals are generated (identify_animals.py), not photographed. In the cases 1k, 10k and 100k the
known set's descriptors are synthesised too: real RootSIFT descriptors of generated animals, each mixed
with another and with noise, 100 a chip (--keypoints). Queries are real chips of 1000 keypoints.

Prints one JSON object a line: {"bench", "figure", "case", "value", "unit", "peers"}.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import identify_leopards
import numpy as np
from identify_chips import chips, line, shard
from identify_ranks import ranks, rocks
from identify_vectors import vectors

from irbis import ImageFeaturizer, ModelDownloader
from irbis.identify.cells import cell_count, learn_cells
from irbis.identify.keypoints import Keypoints
from irbis.identify.known_set import KnownSet
from irbis.identify.ranking import Matching, rank
from irbis.identify.shard import Annotation

SCALES = {"1k": 1_000, "10k": 10_000, "100k": 100_000}
SHARD = 2_000_000


def leopards(data: str | None, detector: str | None, localizer: str | None) -> None:
    place = identify_leopards.folder(data)
    if not place.exists():
        sys.exit(f"no pictures in {place}: name their folder with --data")
    drawn = identify_leopards.read(place)
    cases = {
        f"boxes shifted by {s}": (drawn, identify_leopards.read(place, s)) for s in (0.0, 0.1, 0.2)
    }
    if detector is not None:
        found = identify_leopards.detected(drawn, detector)
        cases |= {
            "the detector's boxes, of queries": (drawn, found),
            "the detector's boxes": (found, found),
        }
    if localizer is not None:
        cases |= {
            f"{name}, a localizer's masks": tuple(
                identify_leopards.heated(t, localizer) for t in pair
            )
            for name, pair in cases.items()
            if name in {"boxes shifted by 0.0", "the detector's boxes"}
        }
    network = ModelDownloader().downloadByName("EfficientNetLite0")
    featurizer = ImageFeaturizer(cutOutputLayers=2).setModel(network)
    for name, (known, queries) in cases.items():
        for more, params in {"": {}, ", vectors too": {"featurizer": featurizer}}.items():
            found = identify_leopards.ask(known, queries, **params)
            line("rank1", f"9 leopards, {name}{more}", found["found first"] / found["pairs"],
                 "share", found)  # fmt: skip


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


def growth(case: str, count: int, each: int, asked: int = 6, *, cluster: bool = False) -> None:
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
    if cluster:
        from identify_cluster import MASTER, through_executors

        found = through_executors(cells, folder, 8 * asked)
        line("query_seconds", f"{case}, {MASTER}", found.pop("value"), "s", found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--case", choices=("rank", "rocks", "vectors", "leopards", *SCALES))
    parser.add_argument("--keypoints", type=int, default=100)
    parser.add_argument("--cluster", action="store_true", help="ask through executors too")
    parser.add_argument("--data")
    parser.add_argument("--detector", help="of the leopards too: a folder that Detector.save wrote")
    parser.add_argument("--localizer", help="the same, of a localizer with heatCol='heat'")
    options = parser.parse_args()
    if options.case is None and not options.small:
        # A process for each: a peak of memory belongs to one of them.
        for case in ("rank", "1k", "10k"):
            subprocess.run([sys.executable, *sys.argv, "--case", case], check=True)
    elif options.small:
        ranks(small=True)
        growth("60", 60, options.keypoints, asked=1)
    elif options.case == "leopards":
        leopards(options.data, options.detector, options.localizer)
    elif options.case == "rocks":
        rocks()
    elif options.case == "vectors":
        vectors()
    elif options.case == "rank":
        ranks(small=False)
    else:
        growth(options.case, SCALES[options.case], options.keypoints, cluster=options.cluster)


if __name__ == "__main__":
    main()
