"""benchmarks/all.py: what it finds, and the page it makes of results. No time is asserted."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALL = ROOT / "benchmarks" / "all.py"
LINES = [
    {"bench": "b", "figure": "seconds", "case": "a|b", "value": 1.5, "unit": "s", "peers": {"x": 2, "y": "none"}},
    {"bench": "b", "figure": "ratio_to_x", "case": "a", "value": 0.75, "unit": "ratio", "peers": {"x, s": 2}},
    {"bench": "b", "left out": "no pictures"},
]  # fmt: skip


@pytest.fixture(scope="module")
def program():
    spec = importlib.util.spec_from_file_location("irbis_bench_all", ALL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_finds_every_benchmark_with_a_small_size(program):
    found = set(program.names())
    assert {
        "boxes",
        "featurize",
        "fusion",
        "http",
        "lime",
        "serving",
        "stand_ins",
        "start",
    } <= found
    assert found.isdisjoint({"all", "rendering", "lime_figures", "http_calls", "contestants"})


def test_the_page(tmp_path):
    out, docs = tmp_path / "out", tmp_path / "docs"
    out.mkdir()
    docs.mkdir()
    made = {"date": "2026-11-25", "commit": "abc", "seconds": 1.0, "failed": "", "lines": LINES}
    (out / "b.json").write_text(json.dumps({"name": "b", **made}))
    (out / "c.json").write_text(
        json.dumps({"name": "c", **made, "failed": "Traceback\nOSError: x", "lines": []})
    )
    command = [sys.executable, str(ALL), "--render", "--out", str(out), "--docs", str(docs)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    page = (docs / "benchmarks_small.md").read_text()
    assert "| seconds | a/b | 1.5 | s | x: 2; y: none |" in page
    assert "no pictures" in page
    assert "It failed: OSError: x" in page
    plot = (docs / "images" / "small_b.svg").read_text()
    assert "images/small_b.svg" in page
    assert [n for n in ("seconds, s", ">x <", "ratio_to_x", ">0.75<") if n not in plot] == []
    assert not (docs / "images" / "small_c.svg").exists()


def test_a_name_that_is_none_is_told():
    said = subprocess.run(
        [sys.executable, str(ALL), "--only", "nothing"], capture_output=True, text=True, check=False
    )
    assert said.returncode == 2
    assert "no benchmark nothing" in said.stderr
