"""The same stages on classic Spark, on Spark Connect and on Sail: start-up and throughput.

    python benchmarks/engines.py                                  # classic and Connect; a minute or two
    python benchmarks/engines.py --sail .venv-sail/bin/python     # Sail too (`make test-sail` makes it)
    python benchmarks/engines.py --small                          # does it run?

Each engine runs in a process of its own, on two cores, round by round in turn. Timed: from the start
of the process to the first answer (imports, JVM or Sail, session, `range(1).count()`); the first run of
a pipeline (workers start, code is loaded); and its later runs. Two pipelines: "pictures" reads the
shipped pictures in the workers, decodes and hashes them (mapInArrow); "numbers" adds one to a column
of doubles, which is next to nothing but transport (a struct-returning arrow_udf).

Prints one JSON object a line: {"bench", "figure", "case", "value", "unit", "peers"}; peers are the
ratios of classic Spark's time to each engine's, in the same round: above 1, that engine is quicker.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

PICTURES, NUMBERS = 440, 4_000_000


def connected(builder: Any) -> Any:
    """A session on a Connect server in this process, on a free port."""
    import socket

    from pyspark.sql.connect.client.core import DefaultChannelBuilder

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    DefaultChannelBuilder.default_port = staticmethod(lambda: port)
    return builder.remote("local[2]").config("spark.connect.grpc.binding.port", port).getOrCreate()


def sailing(builder: Any) -> Any:
    """A session on a Sail server in this process."""
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    session = builder.remote(f"sc://{host}:{port}").getOrCreate()
    session.server = server  # which ends when nobody knows it any more
    return session


def run_one(engine: str, pictures: int, numbers: int, rounds: int) -> None:
    """One engine: start, and both pipelines; prints the seconds."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    if engine == "classic":
        import irbis

        spark = irbis.session("local[2, 4]")
    elif engine == "connect":
        spark = connected(SparkSession.builder)
    else:
        spark = sailing(SparkSession.builder)
    spark.range(1).count()
    print(json.dumps({"answered": time.time()}), flush=True)
    for name, frame, check in cases(spark, pictures, numbers):
        seconds = []
        for _ in range(rounds + 1):
            began = time.perf_counter()
            found = frame().collect()[0][0]
            seconds.append(time.perf_counter() - began)
            assert found == check, (found, check)
        print(json.dumps({"case": name, "first": seconds[0], "later": seconds[1:]}), flush=True)


def cases(spark: Any, pictures: int, numbers: int) -> Any:
    """Name, maker of a frame of one number, and that number."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyspark.sql import functions as F

    from irbis import DropColumns, PerceptualHash, PipelineModel, ReadFiles, Stage
    from irbis.samples import PETS
    from irbis.schema import put

    @dataclass(frozen=True)
    class One:
        def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
            return put(batch, "y", pc.add(batch.column("x"), 1.0))

    class AddOne(Stage):
        def input_columns(self) -> list[str]:
            return ["x"]

        def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
            del schema
            return [pa.field("y", pa.float64())]

        def make_function(self) -> One:
            return One()

    found = sorted(map(str, PETS.rglob("*.jpg")))
    paths = pa.table({"path": (found * (pictures // len(found) + 1))[:pictures]})
    hashed = PipelineModel([ReadFiles(), PerceptualHash(), DropColumns(cols=["image"])])
    listed = spark.createDataFrame(paths).repartition(4)
    yield "pictures", lambda: hashed.transform(listed).agg(F.count("hash")), pictures
    doubles = spark.range(0, numbers, 1, 4).select(F.col("id").cast("double").alias("x"))
    total = numbers * (numbers - 1) / 2 + numbers
    yield "numbers", lambda: AddOne().transform(doubles).agg(F.sum("y")), total


def timed(engine: str, python: str, options: argparse.Namespace) -> dict[str, float]:
    """Seconds of one engine in one round."""
    sizes = [str(options.pictures), str(options.numbers), str(options.repeats)]
    began = time.time()
    said = subprocess.run(
        [python, __file__, "--engine", engine, *sizes],
        capture_output=True, text=True, check=False, timeout=300, env={**os.environ, "RUST_LOG": "error"},
    )  # fmt: skip
    if said.returncode:
        sys.exit(f"{engine}: {said.stderr[-2000:]}")
    seconds = {}
    for line in (json.loads(t) for t in said.stdout.splitlines() if t.startswith("{")):
        if "answered" in line:
            seconds["first answer"] = line["answered"] - began
        else:
            seconds[f"{line['case']}: first run"] = line["first"]
            seconds[f"{line['case']}: later run"] = statistics.median(line["later"])
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sail", help="a Python that has pysail")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    small = options.small
    options.pictures, options.numbers, options.repeats = (
        (20, 1000, 1) if small else (PICTURES, NUMBERS, 3)
    )
    engines = {"classic": sys.executable, "connect": sys.executable}
    if options.sail:
        engines["sail"] = options.sail
    rounds = [
        {engine: timed(engine, python, options) for engine, python in engines.items()}
        for _ in range(1 if small else options.rounds)
    ]
    for figure in rounds[0]["classic"]:
        for engine in engines:
            value = statistics.median(r[engine][figure] for r in rounds)
            ratio = statistics.median(r["classic"][figure] / r[engine][figure] for r in rounds)
            peers = {"classic / this": round(ratio, 2)}
            line = {"bench": "engines", "figure": figure, "case": engine}
            print(json.dumps({**line, "value": round(value, 3), "unit": "s", "peers": peers}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--engine"]:
        run_one(sys.argv[2], *map(int, sys.argv[3:6]))
    else:
        main()
