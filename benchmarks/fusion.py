"""Three stages fused into one Python pass, beside the same three each in its own.

    python benchmarks/fusion.py            # 3000 rows of 100 kB; a few minutes
    python benchmarks/fusion.py --small    # 300 rows, under a minute: does it run?

The stages read the column of 100 kB that the one before made (each turns all bits over), so nothing
can be left out. Unfused they run in pyspark.ml.PipelineModel, which is what a pipeline does without
irbis; fused in irbis.PipelineModel. Same session, same rows, in turn, after a warm-up round; the
speedup is the median over rounds.

Prints one JSON object a line: {"bench", "figure", "case", "value", "unit", "peers"}.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from pyspark import ml
from pyspark.sql import functions as F

from irbis import PipelineModel, session

CORES = len(os.sched_getaffinity(0))
ROW = 100_000


def drain(frame: Any) -> float:
    started = time.perf_counter()
    frame.write.format("noop").mode("overwrite").save()
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    here = str(Path(__file__).parent)  # Spark's workers import the stage's function
    os.environ["PYTHONPATH"] = os.pathsep.join([here, os.environ.get("PYTHONPATH", "")])
    from turning import Turn

    rows, rounds = (300, 2) if options.small else (3000, options.rounds)
    spark = session(f"local[{CORES}, 4]")
    row = F.to_binary(F.rpad(F.col("id").cast("string"), ROW, "x"), F.lit("utf-8"))
    frame = spark.range(rows).repartition(4 * CORES).select("id", row.alias("data")).persist()
    frame.count()
    stages = [Turn(inputCol=a, outputCol=b) for a, b in (("data", "a"), ("a", "b"), ("b", "c"))]
    runs = {
        "fused": PipelineModel(stages).transform(frame).select("id", "c"),
        "unfused": ml.PipelineModel(stages).transform(frame).select("id", "c"),
        "no stage": frame,
    }
    answers = [run.agg(F.sum(F.crc32("c"))).collect() for run in list(runs.values())[:2]]
    assert answers[0] == answers[1], "fused and unfused differ"
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for at in range(-1, rounds):
        for name, run in runs.items():
            taken = drain(run)
            print(f"round {at}: {name} {taken:.2f} s", file=sys.stderr)
            if at >= 0:
                seconds[name].append(taken)
    speedup = statistics.median(u / f for u, f in zip(seconds["unfused"], seconds["fused"]))
    found = {
        "bench": "fusion",
        "figure": "speedup",
        "case": f"three stages, {rows} rows of {ROW // 1000} kB",
        "value": round(speedup, 3),
        "unit": "ratio",
        "peers": {f"{n}, s": round(statistics.median(s), 2) for n, s in seconds.items()},
    }
    print(json.dumps(found), flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
