"""HTTP on Spark beside the client it is built on, and beside what people write by hand.

    python benchmarks/http.py            # every case; some minutes
    python benchmarks/http.py --small    # a few requests a case, under a minute: does it run?
    python benchmarks/http.py --only calls memory growth    # or some of them; --cases c64_50ms ...

The server is irbis.testing.fake_service in a process of its own, on the same machine. One task makes
the calls, on local[1]; growth is measured on local-cluster[2,1,1024]. Prints one JSON object a line:
{"bench", "figure", "case", "value", "unit", "peers"}.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

import aiohttp
import pyarrow as pa
from pyspark.sql import functions as F

from irbis import (
    JSONOutputParser,
    PipelineModel,
    SimpleHTTPTransformer,
    Stage,
    StringOutputParser,
    session,
)
from irbis.schema import put

SERVER = """
import sys
from irbis.testing import fake_service
with fake_service() as service:
    print(service.url, flush=True)
    sys.stdin.read()
"""
START = Path(__file__).with_name("http.py")
GROWTH = "--growth"
# Concurrency, latency in ms, requests: about ten seconds each on two cores, so that the start of a
# Spark job, which is part of the time, does not decide.
CASES = {
    "c1_1ms": (1, 1, 6000),
    "c8_1ms": (8, 1, 24000),
    "c64_1ms": (64, 1, 32000),
    "c1_50ms": (1, 50, 200),
    "c8_50ms": (8, 50, 1600),
    "c64_50ms": (64, 50, 12800),
}
REPEATS = 3
BODY = b'{"id":1234567890,"text":"' + b"y" * 170 + b'"}'


def line(figure, case, value, unit, peers=None):
    found = {"bench": "http", "figure": figure, "case": case, "value": round(value, 3)}
    rounded = {name: round(v, 3) for name, v in (peers or {}).items()}
    print(json.dumps({**found, "unit": unit, "peers": rounded}), flush=True)


class Server:
    """fake_service in another process."""

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self.process.stdout.readline().strip()

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)


def bare(url, concurrency, count):
    """The same library, the same concurrency, nothing else."""

    async def run():
        rows = iter(range(count))
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:

            async def worker():
                for _ in rows:
                    async with client.post(url, data=BODY) as answer:
                        assert answer.status == 200
                        json.loads(await answer.read())

            start = time.perf_counter()
            await asyncio.gather(*[worker() for _ in range(concurrency)])
            return count / (time.perf_counter() - start)

    return asyncio.run(run())


def frame_of(spark, count, partitions=1):
    text = F.lit("y" * 170)
    return spark.range(0, count, 1, partitions).select(
        F.struct("id", text.alias("text")).alias("row")
    )


def stage_of(url, concurrency, parser=None):
    return SimpleHTTPTransformer(
        url=url,
        inputCol="row",
        concurrency=concurrency,
        outputParser=parser or JSONOutputParser(dataType="method string, body string"),
    )


def irbis_rate(spark, url, concurrency, count, partitions=1):
    frame = frame_of(spark, count, partitions)
    start = time.perf_counter()
    bad = stage_of(url, concurrency).transform(frame).where("output_error is not null").count()
    taken = time.perf_counter() - start
    assert bad == 0, f"{bad} rows failed"
    return count / taken


def plain_rate(spark, url, count):
    """What people write by hand: requests in a function over batches, one call at a time."""

    def calls(batches):
        import requests

        with requests.Session() as client:
            for batch in batches:
                rows = batch.column(0).to_pylist()
                said = [client.post(url, json=row, timeout=60).json()["body"] for row in rows]
                yield pa.RecordBatch.from_arrays([pa.array(said)], names=["body"])

    frame = frame_of(spark, count).mapInArrow(calls, "body string")
    start = time.perf_counter()
    assert frame.where("body is not null").count() == count
    return count / (time.perf_counter() - start)


class PeakMemory(Stage):
    """Fused behind the calls: the worker's peak of resident memory so far."""

    def input_columns(self):
        return ["output"]

    def output_fields(self, _):
        return [pa.field("peak", pa.float64())]

    def make_function(self):
        def peak(batch):
            import resource

            found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            return put(batch, "peak", pa.array([found] * batch.num_rows, pa.float64()))

        return peak


def memory(spark, url, count):
    """Peak of the worker's memory after each tenth of the rows, 10 kB an answer, concurrency 64."""
    stage = stage_of(url + "/m?size=10000", 64, StringOutputParser())
    frame = spark.range(0, count, 1, 1).select(F.struct("id").alias("row"))
    out = PipelineModel([stage, PeakMemory()]).transform(frame)
    tenth = F.floor(F.col("row.id") / (count / 10)).alias("tenth")
    rows = out.groupBy(tenth).agg(
        F.max("peak").alias("peak"), F.sum(F.length("output")).alias("bytes")
    )
    peaks = {r.tenth: r.peak for r in rows.collect() if r.bytes == count / 10 * 10_000}
    assert sorted(peaks) == list(range(10)), "answers are missing"
    for at in (0, 4, 9):
        line("peak_memory_mb", f"rows_{int(count / 10) * (at + 1)}", peaks[at], "MB")


def growth(url):
    """Run in a process of its own: another kind of session."""
    spark = session("local-cluster[2,1,1024]")
    irbis_rate(spark, f"{url}/w?latency=0.001", 8, 64, 2)
    for partitions in (1, 2):
        found = irbis_rate(spark, f"{url}/g?latency=0.05", 16, 3200, partitions)
        line("requests_per_second", f"c16_50ms_partitions_{partitions}", found, "1/s")
    spark.stop()


def compare(spark, url, case, small):
    concurrency, latency, count = CASES[case]
    count = max(concurrency, count // 40) if small else count
    address = f"{url}/{case}?latency={latency / 1000}"
    # Side by side and in turn, so that a busy moment of the machine meets all.
    ours, theirs = [], []
    for _ in range(1 if small else REPEATS):
        theirs.append(bare(address, concurrency, count))
        ours.append(irbis_rate(spark, address, concurrency, count))
    by_hand = plain_rate(spark, address, max(10, count // (4 * concurrency)))
    mine, peer = sorted(ours)[len(ours) // 2], sorted(theirs)[len(theirs) // 2]
    ratios = sorted(a / b for a, b in zip(ours, theirs, strict=True))
    line("requests_per_second", case, mine, "1/s", {"bare aiohttp": peer, "requests UDF": by_hand})
    spread = {"lowest of runs": ratios[0], "highest of runs": ratios[-1]}
    line("ratio_to_bare_client", case, ratios[len(ratios) // 2], "ratio", spread)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--only", nargs="+", choices=("calls", "memory", "growth"), metavar="PART")
    parser.add_argument("--cases", nargs="+", choices=tuple(CASES), default=tuple(CASES))
    parser.add_argument(GROWTH, metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.growth:
        growth(options.growth)
        return
    parts = options.only or (
        ("calls", "memory") if options.small else ("calls", "memory", "growth")
    )
    with Server() as url:
        spark = session("local[1]")
        irbis_rate(spark, f"{url}/warm?latency=0.001", 8, 200)
        plain_rate(spark, f"{url}/warm?latency=0.001", 10)
        for case in options.cases if "calls" in parts else ():
            compare(spark, url, case, options.small)
        if "memory" in parts:
            memory(spark, url, 2_000 if options.small else 200_000)
        spark.stop()
        if "growth" in parts:
            subprocess.run([sys.executable, str(START), GROWTH, url], check=True)


if __name__ == "__main__":
    main()
