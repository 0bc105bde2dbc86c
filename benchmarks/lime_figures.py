"""ImageLIME beside `lime`, captum's Lime and bare forwards: same pictures, network, thread.

    OMP_NUM_THREADS=1 python benchmarks/lime.py --only compare  # the shipped pets; 4 minutes
    OMP_NUM_THREADS=1 python benchmarks/lime.py --only memory   # 10,000 samples; 2 minutes
    OMP_NUM_THREADS=1 python benchmarks/lime.py --only growth   # and Spark's partitions; 1 minute
    python benchmarks/lime.py --small                           # under a minute: does it run?

The limit is what the forwards alone cost: the faster of one picture and of sixteen at a time. The
peers are no dependencies of irbis: `pip install "irbis[bench-lime]"`, or they are reported as not
installed. Explanations of all are judged alike: by hiding pixels behind the blurred picture, most
important first, and watching the probability (deletion, insertion), and by whether the top 5
superpixels are the same for 5 seeds (jaccard). The default design of irbis draws nothing, so its
seeds can't differ; "irbis, shuffled" is the same design with columns that the seed draws, and says
what hangs on them.

Prints one JSON object a line: {"bench", "figure", "case", "value", "unit", "peers"}.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before a library reads it

import lime_peers
import numpy as np
from lime_growth import growth

from irbis import ImageFeaturizer, ImageLIME, ModelDownloader
from irbis.explain.faithfulness import deletion_auc, insertion_auc, top_k_jaccard
from irbis.image.codec import decode
from irbis.samples import PETS

SEEDS, TOP = 5, 5
TOPS = (1, 3, 10)  # printed too


def line(figure: str, case: str, value: float, unit: str, peers: dict[str, object]) -> None:
    found = {"bench": "lime", "figure": figure, "case": case, "value": round(value, 3)}
    print(json.dumps({**found, "unit": unit, "peers": peers}), flush=True)


def stage(target: int, **params: Any) -> ImageLIME:
    network = ModelDownloader().downloadByName("EfficientNetLite0")
    model = ImageFeaturizer(cutOutputLayers=0, outputCol="probability", threads=1)
    model.setModel(network)
    return ImageLIME(model=model, targetClasses=[target], **params)


def timed(run: Any) -> tuple[float, Any]:
    started = time.perf_counter()
    found = run()
    return time.perf_counter() - started, found


def bare(network: Any, image: Any, samples: int) -> float:
    """Seconds of the forwards alone, in the faster of two ways."""
    found = []
    for size in (1, 16):
        batch = np.ascontiguousarray(np.repeat(image[None], size, axis=0))
        network.forward(batch)  # warm
        rounds = range(-(-samples // size))
        seconds = timed(lambda batch=batch, rounds=rounds: [network.forward(batch) for _ in rounds])
        found.append(seconds[0] * samples / (len(rounds) * size))
    return min(found)


def judged(
    data: bytes, samples: int, slow: int, options: argparse.Namespace, notes: dict[str, str]
) -> dict[str, Any]:
    """One picture: seconds of all, and what their explanations are worth."""
    seeds = options.seeds
    picture = decode(data)
    network = stage(0).make_function().network
    probabilities = network.forward(network.tensor(picture)[None])[0]
    target = int(probabilities.argmax())
    judge = stage(target, fill="blur").make_function().masked(picture)
    params = {"numSamples": samples, "numSegments": 50 if samples >= 128 else 7}
    masked = stage(target, **params).make_function().masked(picture)
    runs: dict[str, list[tuple[float, np.ndarray, np.ndarray]]] = {}
    samples_of: dict[str, int] = {}
    for name, sampler in (("irbis", "foldover"), ("irbis, shuffled", "shuffled")):
        runs[name] = []
        for seed in range(seeds):
            function = stage(target, seed=seed, sampler=sampler, **params).make_function()
            seconds, found = timed(lambda function=function: function.explain(decode(data)))
            runs[name].append((seconds, found.weights[0], found.segments))
            samples_of[name] = found.forwards
    limit = bare(network, masked.image, found.forwards)  # of each peer: of its own samples
    for name, (count, peer) in lime_peers.peers(network, masked, target, samples, slow).items():
        if isinstance(peer, str):
            notes[name] = peer
            continue
        runs[name], samples_of[name] = [], count
        for seed in range(seeds if count == samples else options.slow_seeds):
            seconds, found = timed(lambda n=count, s=seed, p=peer: p(decode(data), n, s))
            runs[name].append((seconds, *found))

    def score(kept: Any) -> Any:
        return judge.of_pixels(kept)[:, 0]

    report: dict[str, Any] = {}
    for name, found in runs.items():
        first = found[0]
        report[name] = {
            "seconds": statistics.median(s for s, _, _ in found),
            "ratio": statistics.median(s for s, _, _ in found)
            / (limit * samples_of[name] / samples_of["irbis"]),
            **jaccards([w for _, w, _ in found]),
            "deletion_auc": deletion_auc(score, first[1][first[2]]),
            "insertion_auc": insertion_auc(score, first[1][first[2]]),
        }
    return report


def jaccards(weights: list[np.ndarray]) -> dict[str, float]:
    if len(weights) < 2:
        return dict.fromkeys(("jaccard", *(f"top {k}" for k in TOPS)), float("nan"))
    found = {f"top {k}": top_k_jaccard(weights, k) for k in TOPS}
    return {"jaccard": top_k_jaccard(weights, TOP), **found}


def compare(options: argparse.Namespace) -> None:
    samples, slow = (16, 20) if options.small else (options.samples, 1000)
    count = 1 if options.small else options.pictures
    found = sorted(PETS.rglob("*.jpg"))
    files = found[options.start :: max(1, len(found) // count)][:count]
    notes: dict[str, str] = {}
    reports = []
    for file in files:
        reports.append(judged(file.read_bytes(), samples, slow, options, notes))
        print(f"{file.name}: {reports[-1]}", file=sys.stderr)

    def mean(name: str, figure: str) -> float:
        return round(float(np.mean([r[name][figure] for r in reports])), 3)

    others = [name for name in reports[0] if name != "irbis"]

    def peers(figure: str) -> dict[str, object]:
        found = {name: mean(name, figure) for name in others}
        return {name: "one seed" if np.isnan(v) else v for name, v in found.items()} | notes

    line("ratio_to_bare_forwards", str(samples), mean("irbis", "ratio"), "ratio", peers("ratio"))
    for name in [name for name in others if not name.startswith("irbis")]:
        faster = [r[name]["seconds"] / r["irbis"]["seconds"] for r in reports]
        peer, _, at = name.partition(", ")
        figure = f"speedup_vs_{peer}"
        line(figure, at, float(np.mean(faster)), "ratio", {name: mean(name, "seconds")})
    for figure in ("deletion_auc", "insertion_auc"):
        line(figure, str(samples), mean("irbis", figure), "", peers(figure))
    for figure in ("jaccard", *(f"top {k}" for k in TOPS)) if options.seeds > 1 else ():
        case = str(samples) if figure == "jaccard" else f"{samples}, {figure}"
        line("jaccard", case, mean("irbis", figure), "", peers(figure))


PEAK = """
import resource, sys
sys.path[:0] = [sys.argv[1]]
import lime_figures
from irbis.image.codec import decode
function = lime_figures.stage(281, numSamples=int(sys.argv[3]), sampler="independent").make_function()
function.explain(decode(open(sys.argv[2], "rb").read()))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def memory(options: argparse.Namespace) -> None:
    """Peak of a process of its own that explains one picture, network and libraries included."""
    file = min(PETS.rglob("*.jpg"))
    for samples in (20, 200) if options.small else (100, 10_000):
        command = [sys.executable, "-c", PEAK, str(Path(__file__).parent), str(file), str(samples)]
        said = subprocess.run(command, capture_output=True, text=True, check=True)
        peak = int(said.stdout.split()[-1]) * (1 if sys.platform == "darwin" else 1024)
        line("peak_memory_mb", str(samples), peak / 2**20, "MB", {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--pictures", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="1: nothing to say of jaccard")
    parser.add_argument("--slow-seeds", type=int, default=SEEDS, help="of lime at its 1000 samples")
    parser.add_argument("--samples", type=int, default=128)
    parser.add_argument("--start", type=int, default=0, help="which of the pets comes first")
    parser.add_argument("--only", choices=("compare", "memory", "growth"))
    options = parser.parse_args()
    if options.only in (None, "compare"):
        compare(options)
    if options.only in (None, "memory"):
        memory(options)
    if options.only in (None, "growth"):
        growth(stage, lambda *found: line(*found, peers={}), small=options.small)


if __name__ == "__main__":
    main()
