"""benchmarks/identify.py runs and prints what scripts read."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "identify.py"
FIGURES = {
    "rank1", "rank5", "unknown_auc", "speedup_vs_one_vs_one", "query_seconds", "build_seconds",
    "memory_mb", "disk_mb",
}  # fmt: skip


def _run(*options):
    return subprocess.run(
        [sys.executable, str(SCRIPT), *options],
        capture_output=True, text=True, check=False, timeout=300, env=dict(os.environ),
    )  # fmt: skip


@pytest.mark.skipif("IRBIS_SLOW" not in os.environ, reason="takes 10 s: set IRBIS_SLOW=1")
def test_small():
    said = _run("--small")
    assert said.returncode == 0, said.stderr[-3000:]
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    assert {line["figure"] for line in lines} >= FIGURES
    for line in lines:
        assert list(line) == ["bench", "figure", "case", "value", "unit", "peers"]
        assert line["bench"] == "identify"


def test_without_the_leopards_it_says_so(tmp_path):
    said = _run("--case", "leopards", "--data", str(tmp_path))
    assert said.returncode == 1 and "--data" in said.stderr
