"""ImageFeaturizer beside a bare ONNX Runtime loop, predict_batch_udf and Daft: pictures a second.

    python benchmarks/featurize.py --data DIR     # at least 500 JPEGs below DIR; some minutes
    python benchmarks/featurize.py --small        # the shipped pets, under a minute: does it run?

Every contestant decodes with irbis's own decoder, runs the same network cut at the same layer on the
same cores, is warmed up (workers started, network loaded), and meets the others in turn, round by
round, so that a busy machine is busy for all. A ratio is the median over rounds. Daft is no
dependency of irbis: `pip install daft`, or it is reported as not installed.

Prints one JSON object a line: {"bench", "figure", "case", "value", "unit", "peers"}.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import contestants

from irbis.samples import PETS

LIMIT = 120  # seconds a contestant may take for a round
CORES = len(os.sched_getaffinity(0))


def pictures(options: argparse.Namespace, folder: Path) -> list[Path]:
    """Copy JPEGs of several sizes into one folder: every source by the same rule, seeded."""
    if options.small:
        found = sorted(PETS.rglob("*.jpg"))[:20]
    else:
        data = Path(options.data)
        if not data.is_dir():
            sys.exit(f"no pictures: {data} is not a folder; give --data or set IRBIS_DATA")
        found = []
        for source in sorted(p for p in data.iterdir() if p.is_dir()):
            jpegs = sorted(p for p in source.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg"))
            found += random.Random(0).sample(jpegs, min(len(jpegs), options.most))
    paths = []
    for at, path in enumerate(found):
        paths.append(folder / f"{at:05d}.jpg")
        shutil.copyfile(path, paths[-1])
    return paths


def spread(paths: list[Path]) -> str:
    sizes = sorted(p.stat().st_size for p in paths)
    n = len(sizes)
    return f"{n} JPEGs, {sizes[n // 10] >> 10} to {sizes[9 * n // 10] >> 10} kB (middle 80 %)"


def line(figure: str, case: str, value: float | None, unit: str, peers: dict[str, object]) -> None:
    found = {"bench": "featurize", "figure": figure, "case": case, "value": value}
    print(json.dumps({**found, "unit": unit, "peers": peers}), flush=True)


def daft_process(folder: Path) -> subprocess.Popen[str] | str:
    """Daft in a process of its own (it and Spark both want all cores), told to go round by round."""
    script = Path(__file__).with_name("daft_peer.py")
    process = subprocess.Popen(
        [sys.executable, str(script), str(folder), str(CORES)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    said = process.stdout.readline().strip() if process.stdout else ""
    return process if said == "ready" else (said or "did not start")


def ask(process: subprocess.Popen[str]) -> float:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--data", default=os.environ.get("IRBIS_DATA", "../shared/data"))
    parser.add_argument("--most", type=int, default=200, help="pictures from one source at most")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rounds = 1 if options.small else options.rounds
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        paths = pictures(options, folder)
        print(f"{spread(paths)}; {CORES} cores", file=sys.stderr)
        bare = contestants.BareLoop(CORES)
        spark = contestants.spark_session(CORES)
        runs = {
            "bare loop": lambda: bare.run(paths),
            "irbis": lambda: contestants.irbis(spark, folder),
            "irbis, bytes from Spark": lambda: contestants.irbis_binary_file(spark, folder),
            "predict_batch_udf": lambda: contestants.predict_batch(spark, folder),
        }
        daft = daft_process(folder)
        if isinstance(daft, subprocess.Popen):
            runs["daft"] = lambda: ask(daft)
        seconds: dict[str, list[float]] = {name: [] for name in runs}
        dropped = {} if isinstance(daft, subprocess.Popen) else {"daft": daft}
        for at in range(-1, rounds):  # the first round warms everybody up
            for name, run in list(runs.items()):
                started = time.perf_counter()
                taken = run()
                if at >= 0:
                    seconds[name].append(taken)
                print(f"round {at}: {name} {taken:.2f} s", file=sys.stderr)
                if time.perf_counter() - started > LIMIT:
                    dropped[name] = f"took over {LIMIT} s"
                    del runs[name]
        bare.close()
        spark.stop()
        if isinstance(daft, subprocess.Popen):
            daft.kill()
    report(seconds, dropped, len(paths), "small" if options.small else "full")


def report(seconds: dict[str, list[float]], dropped: dict[str, str], count: int, case: str) -> None:
    def median_ratio(a: str, b: str) -> float:
        return round(statistics.median(y / x for x, y in zip(seconds[a], seconds[b])), 3)

    speed = {n: round(count / statistics.median(s), 1) for n, s in seconds.items() if s}
    others = {**{n: v for n, v in speed.items() if n != "irbis"}, **dropped}
    line("images_per_second", case, speed["irbis"], "1/s", others)
    ratios: dict[str, object] = {
        n: median_ratio(n, "bare loop") for n in speed if n not in ("irbis", "bare loop")
    }
    line("ratio_to_bare_loop", case, median_ratio("irbis", "bare loop"), "ratio", ratios | dropped)


if __name__ == "__main__":
    main()
