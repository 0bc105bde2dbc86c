"""Many requests, and the memory of the process that answers them stays as it is."""

import json
import os
from pathlib import Path

import pyarrow as pa
import pytest
from flood import Flood
from fronts import front

from irbis.serving.request_parser import JsonParser

SCHEMA = JsonParser(pa.struct([("n", pa.int32()), ("tags", pa.list_(pa.string()))]))
# What were kept of 100 000 requests of a kilobyte would be 100 MB.
BODY = json.dumps({"n": 1, "tags": ["x" * 1000]}).encode()
pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux's /proc")


def megabytes(pid):
    held = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return held * os.sysconf("SC_PAGE_SIZE") / 1e6


def soak(port, path, body, count, pid):
    """Ask; returns the memory along the way, in MB."""
    seen = []
    flood = Flood(port, path, body, count, tell=lambda _: seen.append(round(megabytes(pid), 1)))
    seconds = flood.run()
    assert flood.statuses == {b"200": count}
    print(f"{count} answers in {seconds:.1f} s; MB at the start, after each tenth: {seen}")
    return seen


def test_memory_stays_flat_over_100_000_requests():
    with front(parser=SCHEMA, reply="tags") as running:
        port = running.front.port
        Flood(port, "/api", BODY, 2000).run()
        seen = soak(port, "/api", BODY, 100_000, "self")
        assert max(seen[-3:]) - seen[1] < 10
        assert running.front.batcher.in_flight == 0


@pytest.mark.skipif("IRBIS_SOAK" not in os.environ, reason="minutes: IRBIS_SOAK=1000000")
def test_memory_of_a_front_in_spark_stays_flat(spark):
    count = int(os.environ["IRBIS_SOAK"])
    frame = spark.readStream.continuousServer().address("127.0.0.1", 0, "api").load()
    made = frame.parseRequest("n int, tags array<string>").makeReply("tags")
    query = made.writeStream.server().replyTo("api").start()
    try:
        port = int(query.address.split(":")[2].partition("/")[0])
        pid = query.lastProgress["sources"][0]["pid"]
        Flood(port, "/api", BODY, 20_000).run()
        seen = soak(port, "/api", BODY, count, pid)
        assert max(seen[-3:]) - seen[1] < 10
        assert query.lastProgress["sources"][0]["pid"] == pid
    finally:
        query.stop()
