"""Times that only Spark's modes have: from start() to the first answer, and a micro-batch's latency.

    python benchmarks/serving_modes.py [--requests 40]

Prints JSON lines: start_seconds, microbatch_p50_ms with continuousServer as its peer, and what a
micro-batch's milliseconds are made of (medians of durationMs, which Spark reports of each batch).
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import time
from pathlib import Path
from urllib.parse import urlsplit


def latencies(address: str, count: int) -> list[float]:
    place = urlsplit(address)
    link = http.client.HTTPConnection(place.hostname, place.port)
    found = []
    for _ in range(count):
        began = time.perf_counter()
        link.request("POST", place.path, b"the quick snow leopard")
        reply = link.getresponse()
        body = reply.read()
        found.append((time.perf_counter() - began) * 1e3)
        assert (reply.status, body) == (200, b"THE QUICK SNOW LEOPARD"), (reply.status, body)
    return found


def made_of(query) -> dict[str, float]:
    """Medians of what Spark reports of the batches that had a request."""
    batches = [p for p in query.recentProgress if p.numInputRows]
    parts = {name for p in batches for name in p.durationMs}
    return {n: statistics.median(p.durationMs.get(n, 0) for p in batches) for n in sorted(parts)}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--requests", type=int, default=40)
    count = options.parse_args().requests
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(Path(__file__).parent), os.environ.get("PYTHONPATH")])
    )
    from serving_stage import Shout

    import irbis

    spark = irbis.session("local[2]", **{"spark.driver.memory": "1g"})
    spark.range(10).count()
    found, started = {}, {}
    for mode in ("continuousServer", "server"):
        frame = getattr(spark.readStream, mode)().address("127.0.0.1", 0, mode).load()
        made = Shout().transform(frame.parseRequest("string")).makeReply("loud")
        began = time.perf_counter()
        query = made.writeStream.server().replyTo(mode).start()
        latencies(query.address, 1)
        started[mode] = round(time.perf_counter() - began, 3)
        latencies(query.address, 3)
        found[mode] = latencies(query.address, count * (50 if mode == "continuousServer" else 1))
        if mode == "server":
            parts = made_of(query)
        query.stop()
    middle = {m: round(statistics.median(v), 3) for m, v in found.items()}
    print(json.dumps({"bench": "serving", "figure": "start_seconds", "case": "continuousServer",
                      "value": started.pop("continuousServer"), "unit": "s", "peers": started}))  # fmt: skip
    print(json.dumps({"bench": "serving", "figure": "microbatch_p50_ms", "case": "trivial_c1",
                      "value": middle.pop("server"), "unit": "ms", "peers": middle}))  # fmt: skip
    print(json.dumps({"bench": "serving", "figure": "microbatch_ms", "case": "trivial_c1",
                      "value": parts.pop("triggerExecution"), "unit": "ms", "parts": parts}))  # fmt: skip


if __name__ == "__main__":
    main()
