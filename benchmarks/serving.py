"""irbis's fronts and others', each in a process of its own, asked by wrk (or by a client of ours).

    python benchmarks/serving.py [--small] [--only irbis_serve,fastapi] [--seconds 10] [--width 512]
        [--work onnx] [--connections 1,32] [--python PYTHON_OF_THE_PEERS]

Same function for all: trivial (a text comes back in upper case) and an ONNX classifier of random
weights (64 numbers in, two layers of --width, 10 out; with 1024 1.1 million weights). Each server has
one process that computes. Without --only, benchmarks/serving_modes.py runs behind it.
Prints JSON lines, see docs/benchmarks.md. The ratios are ours to each peer's.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
SERVERS = ("irbis_continuous", "irbis_serve", "fastapi", "litserve", "ray_serve", "bentoml")
OURS = ("irbis_continuous", "irbis_serve")
LIMIT = 120  # seconds until a server must answer
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def bodies(work: str) -> bytes:
    if work == "trivial":
        return b"the quick snow leopard " * 8
    return json.dumps({"x": [round(i / 64, 3) for i in range(64)]}).encode()


def ask(url: str, body: bytes, kind: str) -> bytes:
    request = urllib.request.Request(url, body, {"Content-Type": kind}, method="POST")
    with urllib.request.urlopen(request, timeout=5) as reply:
        return reply.read()


def load(url: str, body: bytes, kind: str, connections: int, seconds: float) -> dict[str, float]:
    """p50, p99, p99.9 in ms and requests per second."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(
            f"wrk.method='POST'\nwrk.body=[==[{body.decode()}]==]\n"
            f"wrk.headers['Content-Type']='{kind}'\n"
            "done = function(summary, latency)\n"
            "io.write(string.format('FOUND %f %f %f %d %d\\n', latency:percentile(50) / 1000,"
            " latency:percentile(99) / 1000, latency:percentile(99.9) / 1000,"
            " summary.errors.status + summary.errors.read + summary.errors.connect"
            " + summary.errors.timeout + summary.errors.write, summary.requests))\nend\n"
        )
        script.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "-s", script.name, url]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    p50, p99, p999, errors, _ = map(float, re.search(r"FOUND (.*)", said)[1].split())
    rate = float(re.search(r"Requests/sec:\s*([\d.]+)", said)[1])
    return {"p50_ms": p50, "p99_ms": p99, "p999_ms": p999, "requests_per_second": rate,
            "errors": errors}  # fmt: skip


def measure(
    server: str, work: str, seconds: float, connections: list[int], python: str
) -> dict[int, dict[str, float]] | str:
    port = free_port()
    # Spark's workers import the stages from here too.
    paths = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": paths}
    # A file, not a pipe: nobody reads along, and a server that logs would stand still at 64 KiB.
    log = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed with the process)
    child = subprocess.Popen(
        [python, str(HERE / "serving_servers.py"), server, work, str(port)],
        stdout=log,
        stderr=subprocess.STDOUT,
        env=environment,
        start_new_session=True,
    )
    path = "/infer" if server == "bentoml" else "/predict"
    url, body = f"http://127.0.0.1:{port}{path}", bodies(work)
    kind = "text/plain" if work == "trivial" else "application/json"
    if server in ("litserve", "bentoml") and work == "trivial":
        body, kind = json.dumps({"value": body.decode()}).encode(), "application/json"
    try:
        until = time.monotonic() + LIMIT
        while True:
            try:
                ask(url, body, kind)
                break
            except (OSError, urllib.error.URLError) as error:
                if child.poll() is not None:
                    log.seek(0)
                    said = log.read().strip().splitlines()
                    return f"ended: {said[-1][:200] if said else child.returncode}"
                if time.monotonic() > until:
                    return f"no answer within {LIMIT} s ({error})"
                time.sleep(0.1)
        if seconds > 1:
            load(url, body, kind, 8, 1.0)
        found = {n: load(url, body, kind, n, seconds) for n in connections}
        if not all(f["requests_per_second"] for f in found.values()):
            return "answers a single request, and none of wrk's"
        return found
    finally:
        with contextlib.suppress(ProcessLookupError):  # it ended by itself
            os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--small", action="store_true", help="seconds: trivial, ours and FastAPI")
    options.add_argument("--only", default="")
    options.add_argument("--seconds", type=float, default=8.0)
    options.add_argument("--width", type=int, default=1024, help="of the classifier's layers")
    options.add_argument("--work", choices=("trivial", "onnx"), help="default: both")
    options.add_argument("--connections", default="1,32")
    options.add_argument("--python", default=sys.executable, help="of the peers")
    chosen = options.parse_args()
    if shutil.which("wrk") is None:
        print(json.dumps({"bench": "serving", "skipped": "wrk is not installed"}))
        return
    os.environ["BENCH_WIDTH"] = str(chosen.width)
    servers = tuple(filter(None, chosen.only.split(","))) or SERVERS
    if chosen.small:
        servers, chosen.seconds = ("irbis_serve", "fastapi"), 1.0
    counts = [int(n) for n in chosen.connections.split(",")]
    works = ("trivial",) if chosen.small else ("trivial", "onnx")
    for work in (chosen.work,) if chosen.work else works:
        found = {
            server: measure(
                server,
                work,
                chosen.seconds,
                counts,
                sys.executable if server in OURS else chosen.python,
            )
            for server in servers
        }
        for connections in counts:
            for figure, unit in (
                ("p50_ms", "ms"), ("p99_ms", "ms"), ("p999_ms", "ms"),
                ("requests_per_second", "1/s"), ("errors", "1"),
            ):  # fmt: skip
                values = {
                    s: f if isinstance(f, str) else round(f[connections][figure], 4)
                    for s, f in found.items()
                }
                mine = next(s for s in servers if s in OURS)
                own = values.pop(mine)
                line = {
                    "bench": "serving",
                    "figure": figure,
                    "case": f"{work}_c{connections}",
                    "value": own,
                    "unit": unit,
                    "peers": values,
                    "ratios": {
                        s: round(own / v, 3)
                        for s, v in values.items()
                        if isinstance(v, float) and isinstance(own, float) and v
                    },
                    "server": mine,
                }
                if work == "onnx":
                    line["width"] = chosen.width
                print(json.dumps(line), flush=True)
    if not (chosen.small or chosen.only or chosen.work):
        subprocess.run([sys.executable, str(HERE / "serving_modes.py")], check=True)


if __name__ == "__main__":
    main()
