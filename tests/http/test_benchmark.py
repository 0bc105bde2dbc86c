"""The benchmark runs, prints what others read, and its name does no harm."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
CASES = {"c1_1ms", "c8_1ms", "c64_1ms", "c1_50ms", "c8_50ms", "c64_50ms"}


def test_small(engine):
    if engine == "connect":
        pytest.skip("a session of its own")
    command = [sys.executable, str(FOLDER / "http.py"), "--small"]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert said.returncode == 0, said.stderr[-3000:]
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    assert all(list(x) == ["bench", "figure", "case", "value", "unit", "peers"] for x in lines)
    assert {x["bench"] for x in lines} == {"http"}
    for figure in ("ratio_to_bare_client", "requests_per_second"):
        assert {x["case"] for x in lines if x["figure"] == figure} == CASES
    assert len([x for x in lines if x["figure"] == "peak_memory_mb"]) == 3
    assert all(x["value"] > 0 for x in lines)


def test_a_script_beside_it_finds_the_standard_library(tmp_path):
    (tmp_path / "http.py").write_text((FOLDER / "http.py").read_text())
    script = tmp_path / "script.py"
    script.write_text(
        "import http.client, urllib.request, http; print(http.HTTPStatus(404).phrase)"
    )
    said = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "Not Found"
