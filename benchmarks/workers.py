"""What Spark's Python workers cost before their first row: forked from irbis.daemon and from PySpark's own daemon.

    python benchmarks/workers.py            # 5 sessions of each, in turn; two minutes
    python benchmarks/workers.py --small    # 1 of each

Each session is a process of its own with `local[2]`. The first job is a `mapInArrow` of two tasks that
returns its rows: what it takes is the start of a daemon and of two workers. The CPU of a worker is read
from /proc once the job is over (Linux).

Prints one JSON object a line: {"bench", "figure", "case", "value", "unit", "peers"}.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

OURS, PYSPARKS = "irbis.daemon", "pyspark.daemon"
TICKS = os.sysconf("SC_CLK_TCK")


def cpu(pid: str) -> float:
    """Seconds of CPU of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def workers(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Who does the work."""
    import os

    import pyarrow as pa

    for batch in batches:
        yield pa.record_batch({"pid": [os.getpid()] * batch.num_rows})


def one(daemon: str) -> None:
    """One session: seconds of its first job, and CPU of each of its workers."""
    from irbis import session

    spark = session("local[2]", spark__python__daemon__module=daemon)
    frame = spark.range(0, 100, 1, 2).mapInArrow(workers, "pid long")
    started = time.perf_counter()
    rows = frame.collect()
    seconds = time.perf_counter() - started
    spent = [cpu(str(pid)) for pid in {row.pid for row in rows}]
    print(json.dumps({"first": seconds, "worker": statistics.mean(spent)}))
    spark.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(options.one)
        return
    found: dict[str, list[dict[str, float]]] = {OURS: [], PYSPARKS: []}
    for _ in range(1 if options.small else 5):
        for daemon, runs in found.items():
            said = subprocess.run(
                [sys.executable, __file__, "--one", daemon],
                capture_output=True,
                text=True,
                check=True,
            )
            runs.append(json.loads(said.stdout.splitlines()[-1]))
    for figure, name in (("first_job_seconds", "first"), ("worker_cpu_seconds", "worker")):
        ours, theirs = (
            round(statistics.median(run[name] for run in found[daemon]), 3)
            for daemon in (OURS, PYSPARKS)
        )
        line = {"bench": "workers", "figure": figure, "case": OURS, "value": ours, "unit": "s"}
        print(json.dumps({**line, "peers": {PYSPARKS: theirs}}), flush=True)


if __name__ == "__main__":
    main()
