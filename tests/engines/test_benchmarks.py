"""The benchmarks of the foundation run, and print what scripts read. How fast is not asserted."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
FIGURES = {
    "featurize": {"images_per_second", "ratio_to_bare_loop"},
    "fusion": {"speedup"},
}


@pytest.mark.parametrize("name", FIGURES)
def test_small(name, environment):
    environment["IRBIS_HOME"] = str(FOLDER.parent / "out" / "test-home")
    said = subprocess.run(
        [sys.executable, str(FOLDER / f"{name}.py"), "--small"],
        capture_output=True, text=True, check=False, timeout=600, env=environment,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr[-3000:]
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    assert {line["figure"] for line in lines} == FIGURES[name]
    for line in lines:
        assert line["bench"] == name and line["value"] > 0 and line["peers"]


def test_without_pictures_it_says_so(tmp_path):
    said = subprocess.run(
        [sys.executable, str(FOLDER / "featurize.py"), "--data", str(tmp_path / "none")],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert said.returncode == 1
    assert "IRBIS_DATA" in said.stderr
