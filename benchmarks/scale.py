"""Cost of a picture from a thousand to sixteen thousand, the driver's memory, and 1.3 million's hours.

    python benchmarks/scale.py --data DIR                 # about ten minutes on two cores
    python benchmarks/scale.py --data DIR --ray-python P  # Ray Data in an environment of its own
    python benchmarks/scale.py --small                    # shipped pictures, under a minute

`irbis detect` on Parquet tables of pictures, on as many executors with one core each as there are
cores (local-cluster), beside Daft and Ray Data. All decode with irbis's decoder and run the same
network in ONNX Runtime; each is a process of its own, warmed up. Sizes and contestants take turns,
round by round. The tables' pictures are JPEGs of --data (or the shipped ones), re-encoded with a long
side of 320 px and REPEATED, each repetition with eight other bytes behind its end; the network is a
stand-in of two convolutions: cheap pictures, so that what an engine adds weighs more. Hours are from
a Faster R-CNN (--detector, or one trained for a few steps) on original pictures.

Of a run the seconds of a table of 16 pictures are taken off: what a job costs before its first
picture. Prints one JSON object a line: {"bench", "figure", "case", "value", "unit", "interval", "peers"};
intervals are of 95 %.
"""

import argparse
import json
import os
import queue
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import scale_work

from irbis.samples import PETS

CORES = len(os.sched_getaffinity(0))
SIZES = (1024, 2048, 4096, 8192, 16384)
NONE = 16  # pictures of the table that shows what a job costs anyway
MILLION = 1_300_000
LIMIT = 150  # seconds for an answer
PEOPLE = 20_000  # hours, by hand
CLUSTERS = ((10, 4), (50, 4))  # executors, cores of each


class Contestant:
    """A process that says it is ready, then how long each run took."""

    def __init__(self, name: str, python: str) -> None:
        here = Path(__file__).parent
        roots = [str(here), str(here.parent / "src"), os.environ.get("PYTHONPATH", "")]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, roots))}
        self.name, self.peaks, self.heaps = name, {}, {}
        self.said = tempfile.NamedTemporaryFile("w+", suffix=f"-{name}.log")  # noqa: SIM115
        self.process = subprocess.Popen(
            [python, str(here / f"scale_{name}.py"), str(CORES)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said, text=True, env=env,
        )  # fmt: skip
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.ready = self.read()

    def _listen(self) -> None:
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def read(self) -> dict[str, Any]:
        """Its next answer; what went wrong, if none comes."""
        try:
            line = self.lines.get(timeout=LIMIT)
        except queue.Empty:
            return {"missing": f"no answer within {LIMIT} s"}
        if not line:
            print(Path(self.said.name).read_text()[-1500:], file=sys.stderr)
        return json.loads(line) if line else {"missing": "did not finish"}

    def run(self, onnx: Path, table: Path, size: int) -> float | None:
        """Seconds; None if it died."""
        out = table.with_name(f"out-{self.name}")
        shutil.rmtree(out, ignore_errors=True)
        over = threading.Event()
        peak = [0.0]
        looking = threading.Thread(target=self._look, args=(over, peak), daemon=True)
        looking.start()
        try:
            self.process.stdin.write(f"{onnx}\t{table}\t{out}\n")
            self.process.stdin.flush()
            told = self.read()
        except BrokenPipeError:
            told = {"missing": "did not finish"}
        over.set()
        looking.join()
        if "missing" in told:
            self.ready = told
            return None
        self.peaks.setdefault(size, []).append(peak[0])
        if "live_heap_mb" in told:
            self.heaps.setdefault(size, []).append(told["live_heap_mb"])
        return told["seconds"]

    def _look(self, over: threading.Event, peak: list[float]) -> None:
        while not over.wait(0.1):
            peak[0] = max(peak[0], sum(map(resident, self.ready["pids"])))

    def close(self) -> None:
        if "missing" in self.ready:
            self.process.terminate()  # Ray takes its other processes along
        try:
            self.process.stdin.close()
            self.process.wait(timeout=30)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            self.process.kill()


def resident(pid: int) -> float:
    """MiB."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def fit(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Slope of a weighted line, and half of its 95 % interval."""
    from scipy import stats

    design = np.stack([np.ones_like(x), x], axis=1) * weights[:, None]
    solved, *_ = np.linalg.lstsq(design, y * weights, rcond=None)
    rest = y * weights - design @ solved
    free = len(x) - 2
    variance = rest @ rest / free * np.linalg.inv(design.T @ design)
    return float(solved[1]), float(stats.t.ppf(0.975, free) * np.sqrt(variance[1, 1]))


def growth(sizes: list[int], costs: list[float]) -> tuple[float, list[float]]:
    """Cost of a picture of the largest table, by that of the smallest, along the fitted line."""
    x = np.log(sizes)
    slope, half = fit(x, np.log(costs), np.ones(len(x)))
    span = x.max() - x.min()
    value, low, high = (float(np.exp(s * span)) for s in (slope, slope - half, slope + half))
    return round(value, 3), [round(low, 3), round(high, 3)]


def line(figure: str, case: str, value: float, unit: str, interval: Any, peers: Any) -> None:
    found = {"bench": "scale", "figure": figure, "case": case, "value": value, "unit": unit}
    print(json.dumps({**found, "interval": interval, "peers": peers}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--data", default=os.environ.get("IRBIS_DATA", "../shared/data"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--originals", type=int, default=600)
    parser.add_argument("--detector", help="a saved Detector, for the hours")
    parser.add_argument("--ray-python", default=sys.executable, help="a Python that has Ray")
    parser.add_argument("--minutes", type=float, default=60, help="peers sit out rounds after half")
    parser.add_argument("--without", default="", help="contestants to leave out, by commas")
    options = parser.parse_args()
    sizes = [64, 128] if options.small else [int(s) for s in options.sizes.split(",")]
    rounds = 2 if options.small else options.rounds
    source = PETS if options.small else Path(options.data)
    if not source.is_dir():
        sys.exit(f"no pictures: {source} is not a folder; give --data or set IRBIS_DATA")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        small = scale_work.bases(source, 200, scale_work.SIDE)
        tables = {size: folder / f"table-{size}" for size in [NONE, *sizes]}
        for size, place in tables.items():
            scale_work.write_table(place, small, size)
        print(
            f"{len(small)} pictures re-encoded with a long side of {scale_work.SIDE} px "
            f"({sum(map(len, small)) / len(small) / 1000:.1f} kB), repeated; {CORES} cores",
            file=sys.stderr,
        )
        detector = scale_work.stand_in(folder)
        left_out = options.without.split(",")
        pythons = {"ray": options.ray_python, "daft": sys.executable, "irbis": sys.executable}
        all_of = {n: Contestant(n, p) for n, p in pythons.items() if n not in left_out}
        enough = time.monotonic() + 30 * options.minutes
        taken = race(all_of, detector, tables, rounds, enough)
        for name, one in all_of.items():
            if name != "irbis":
                one.close()
        report(all_of, taken, sizes, "small" if options.small else "full")
        hours(all_of["irbis"], folder, source, options)
        all_of["irbis"].close()


def race(
    all_of: dict[str, Contestant],
    detector: Path,
    tables: dict[int, Path],
    rounds: int,
    enough: float,
) -> dict[str, dict[int, list[float]]]:
    """Seconds of each contestant and size, in turn."""
    taken: dict[str, dict[int, list[float]]] = {n: {s: [] for s in tables} for n in all_of}
    first = min(s for s in tables if s != NONE)
    for at in range(-1, rounds):  # the first round, of small tables, warms everybody up
        late = at > 0 and time.monotonic() > enough
        for size in [NONE, first] if at < 0 else tables:
            for name, one in all_of.items():
                if "missing" in one.ready or (late and name != "irbis"):
                    continue
                seconds = one.run(detector, tables[size], size)
                if seconds is not None and at >= 0:
                    taken[name][size].append(seconds)
                    print(f"round {at}: {name}, {size} pictures: {seconds:.2f} s", file=sys.stderr)
    return taken


def report(
    all_of: dict[str, Contestant],
    taken: dict[str, dict[int, list[float]]],
    sizes: list[int],
    case: str,
) -> None:
    grown: dict[str, Any] = {}
    slopes: dict[str, Any] = {}
    for name, one in all_of.items():
        if "missing" in one.ready:
            grown[name] = slopes[name] = one.ready["missing"]
            continue
        start = statistics.median(taken[name][NONE])
        points = [(s, seconds) for s in sizes for seconds in taken[name][s]]
        n = np.array([s for s, _ in points], float)
        seconds = np.array([t for _, t in points])
        costs = (seconds - start) / (n - NONE)
        grown[name] = growth(n.tolist(), costs.tolist())
        slope, half = fit(n, seconds, 1 / n)
        slopes[name] = (
            round(slope * 1000, 4),
            [round((slope + s * half) * 1000, 4) for s in (-1, 1)],
        )
        share = half / slope
        print(f"{name}: a job costs {start:.2f} s; slope +- {100 * share:.1f} %", file=sys.stderr)
    told = [("cost_growth", "ratio", grown), ("milliseconds_a_picture", "ms", slopes)]
    for figure, unit, found in told:
        value, interval = found.pop("irbis")
        line(figure, case, value, unit, interval, found)
    irbis = all_of["irbis"]
    for figure, peaks in (("driver_memory", irbis.peaks), ("driver_live_heap", irbis.heaps)):
        each = {s: round(max(peaks[s]), 1) for s in sizes}
        others = {n: {s: round(max(c.peaks[s]), 1) for s in sizes} for n, c in all_of.items()
                  if n != "irbis" and "missing" not in c.ready}  # fmt: skip
        line(figure, case, each[sizes[-1]], "MiB", None,
             {"irbis, by size": each, **(others if figure == "driver_memory" else {})})  # fmt: skip


def hours(irbis: Contestant, folder: Path, source: Path, options: argparse.Namespace) -> None:
    """From a real detector on originals to 1.3 million pictures."""
    pictures = scale_work.bases(source, 32 if options.small else options.originals, None)
    table = folder / "originals"
    scale_work.write_table(table, pictures, len(pictures))
    detector = _detector(folder, options)
    irbis.run(detector, table, -1)  # opens the network
    runs = [irbis.run(detector, table, -1) for _ in range(1 if options.small else 2)]
    found = [r for r in runs if r is not None]
    if not found:
        return
    rate = len(pictures) / statistics.median(found)
    size = sum(map(len, pictures)) / len(pictures) / 1e6
    two = MILLION / rate / 3600
    case = "small" if options.small else "full"
    clusters = {}
    for executors, cores in CLUSTERS:
        there = rate / CORES * executors * cores
        clusters[f"{executors} executors of {cores} cores"] = round(MILLION / there / 3600, 2)
        print(
            f"{executors} executors of {cores} cores: assumes the rate of a core here "
            f"({rate / CORES:.1f} pictures/s) on every core, and a store that gives "
            f"{there * size:.0f} MB/s; not measured",
            file=sys.stderr,
        )
    print(
        f"{len(pictures)} originals of {1000 * size:.0f} kB, {'stand-in network' if options.small else 'Faster R-CNN at 320 px'}, "
        f"{rate:.1f} pictures/s on {CORES} cores, the job's start counted; assumes that cost a "
        "picture stays, as cost_growth says",
        file=sys.stderr,
    )
    line("hours_for_1_3m", case, round(two, 2), f"h on {CORES} cores", None,
         {**clusters, "people": PEOPLE})  # fmt: skip


def _detector(folder: Path, options: argparse.Namespace) -> Path:
    if options.detector:
        from irbis import load

        file: Path = load(options.detector).files()[0].locate()
        return file
    if options.small:
        return folder / "stand-in.onnx"
    code = Path(__file__).with_name("scale_train.py")
    started = time.perf_counter()
    subprocess.run([sys.executable, str(code), str(folder / "trained.onnx")], check=True, stdout=2)
    print(f"trained a detector in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return folder / "trained.onnx"


if __name__ == "__main__":
    main()
