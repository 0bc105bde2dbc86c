"""The benchmarks run, and print what scripts read. How fast is not asserted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
CALLS = {"c1_1ms", "c8_1ms", "c64_1ms", "c1_50ms", "c8_50ms", "c64_50ms"}
FIGURES = {
    "featurize": {"images_per_second", "ratio_to_bare_loop"},
    "fusion": {"speedup"},
    "http": {"ratio_to_bare_client", "requests_per_second", "peak_memory_mb"},
}
SLOW = pytest.mark.skipif("IRBIS_SLOW" not in os.environ, reason="a minute: set IRBIS_SLOW=1")
# Each as if it were the program, with a session of its own, in one process: one JVM.
SCRIPT = """
import runpy, sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    sys.argv = [str(Path(sys.path[0], f"{name}.py")), "--small"]
    runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def printed(network):
    """What each benchmark prints."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK_", "PYSPARK_"))}
    said = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(FOLDER), *FIGURES],
        capture_output=True, text=True, check=False, timeout=600, env=kept,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr[-3000:]
    return [json.loads(line) for line in said.stdout.splitlines()]


@SLOW
@pytest.mark.parametrize("name", FIGURES)
def test_small(name, printed):
    lines = [line for line in printed if line["bench"] == name]
    assert {line["figure"] for line in lines} == FIGURES[name]
    for line in lines:
        assert list(line) == ["bench", "figure", "case", "value", "unit", "peers"]
        assert line["value"] > 0 and (line["peers"] or line["figure"] == "peak_memory_mb")


@SLOW
def test_every_case_of_calls(printed):
    lines = [line for line in printed if line["bench"] == "http"]
    for figure in ("ratio_to_bare_client", "requests_per_second"):
        assert {line["case"] for line in lines if line["figure"] == figure} == CALLS
    assert len([line for line in lines if line["figure"] == "peak_memory_mb"]) == 3


@pytest.mark.skipif("IRBIS_SLOW" not in os.environ, reason="engines of its own: set IRBIS_SLOW=1")
def test_scale():
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK_", "PYSPARK_"))}
    said = subprocess.run(
        [sys.executable, str(FOLDER / "scale.py"), "--small"],
        capture_output=True, text=True, check=False, timeout=300, env=kept,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr[-3000:]
    lines = {line["figure"]: line for line in map(json.loads, said.stdout.splitlines())}
    assert set(lines) == {
        "cost_growth", "milliseconds_a_picture", "driver_memory", "driver_live_heap", "hours_for_1_3m"
    }  # fmt: skip
    low, high = lines["cost_growth"]["interval"]
    assert low <= lines["cost_growth"]["value"] <= high
    assert set(lines["cost_growth"]["peers"]) == {"daft", "ray"}
    assert lines["hours_for_1_3m"]["peers"]["people"] == 20_000
    assert all(line["value"] > 0 for line in lines.values())
    assert "not measured" in said.stderr and "re-encoded" in said.stderr


def test_without_pictures_it_says_so(tmp_path):
    said = subprocess.run(
        [sys.executable, str(FOLDER / "featurize.py"), "--data", str(tmp_path / "none")],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert said.returncode == 1
    assert "IRBIS_DATA" in said.stderr
