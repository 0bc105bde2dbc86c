"""benchmarks/detect.py and classify.py: mistakes are said early; they run and print what scripts read."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
KEYS = {"bench", "figure", "case", "value", "unit", "n", "interval", "peers"}


def run(name, *arguments):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK_", "PYSPARK_"))}
    return subprocess.run(
        [sys.executable, str(FOLDER / name), *arguments],
        capture_output=True, text=True, check=False, timeout=600, env=kept,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["detect.py", "--only", "unicorn"], "unicorn"),
        (["detect.py", "--only", "raccoon", "--data", "no/where"], "IRBIS_DATA"),
        (["classify.py", "--data", "no/where"], "IRBIS_DATA"),
    ],
)
def test_mistakes_are_said_before_anything_is_loaded(arguments, says):
    said = run(*arguments)
    assert said.returncode == 1
    assert says in said.stderr


@pytest.mark.skipif("IRBIS_SLOW" not in os.environ, reason="two minutes: set IRBIS_SLOW=1")
@pytest.mark.parametrize("name", ["detect", "classify"])
def test_small(name):
    said = run(f"{name}.py", "--small")
    assert said.returncode == 0, said.stderr[-3000:]
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    assert {line["bench"] for line in lines} == {name}
    assert all(line.keys() >= KEYS for line in lines)
    figures = {line["figure"] for line in lines}
    wanted = {
        "detect": {
            "corloc", "corloc70", "ap50", "ap50_share_of_human", "detector_corloc70",
            "lime_224_ap50", "lime_448_corloc70", "pictures_per_second", "training_seconds",
        },
        "classify": {"accuracy", "auc", "gain_accuracy", "gain_auc"},
    }  # fmt: skip
    assert figures >= wanted[name]
