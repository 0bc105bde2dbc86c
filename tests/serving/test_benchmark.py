"""benchmarks/serving.py runs, and reports who could not take part."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif("IRBIS_SLOW" not in os.environ, reason="takes 10 s: set IRBIS_SLOW=1")
def test_the_small_benchmark_reports_all():
    command = [sys.executable, str(ROOT / "benchmarks" / "serving.py"), "--small"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    if "skipped" in lines[0]:
        assert "wrk" in lines[0]["skipped"]
        return
    cases = {(line["case"], line["figure"]) for line in lines}
    assert {("trivial_c1", "p50_ms"), ("trivial_c32", "requests_per_second")} <= cases
    assert all(set(line["peers"]) == {"fastapi"} for line in lines)
    assert all(line["value"] == 0 for line in lines if line["figure"] == "errors")
    assert all(line["ratios"]["fastapi"] > 0 for line in lines if line["figure"] == "p50_ms")
