"""The command line as a user meets it: help, mistakes, exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from irbis.samples import PETS

IRBIS = str(Path(sys.executable).parent / "irbis")


def run(*arguments, **environment):
    return subprocess.run(
        [IRBIS, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
        timeout=300,
    )


def test_help_names_every_command():
    said = run("--help")
    assert said.returncode == 0
    for command in ("demo", "discover", "detect", "explain", "study", "doctor"):
        assert command in said.stdout


@pytest.mark.parametrize("command", ["demo", "discover"])
def test_both_jobs_take_a_seed_and_a_fresh_start(command):
    said = run(command, "--help", COLUMNS="200", NO_COLOR="1", TERM="dumb")
    assert {"--seed", "--fresh", "--iterations"} <= set(said.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["discover", "cat", "--images", "nowhere", "--others", "nowhere", "--out", "x"],
            "nowhere",
        ),
        (["detect", "no/detector", ".", "--out", "x.json"], "a folder that Detector.save wrote"),
    ],
)
def test_mistakes_are_one_line(arguments, says, tmp_path):
    said = subprocess.run(
        [IRBIS, *arguments], capture_output=True, text=True, cwd=tmp_path, check=False, timeout=300
    )
    assert said.returncode == 2
    last = said.stderr.strip().splitlines()[-1]
    assert last.startswith("irbis: DataError")
    assert says in last
    assert "Traceback" not in said.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_missing_truth_is_said_before_spark_starts(tmp_path):
    said = run(
        "discover", "cat", "--images", str(PETS / "cats"), "--others", str(PETS / "dogs"),
        "--out", str(tmp_path / "o"), "--truth", str(tmp_path / "none.json"),
    )  # fmt: skip
    assert said.returncode == 2
    assert "none.json" in said.stderr
    assert "start Spark" not in said.stderr


def test_a_truth_without_the_target_is_said(tmp_path):
    (tmp_path / "t.json").write_text(
        json.dumps(
            {
                "images": [{"id": 1, "file_name": "a.jpg", "width": 1, "height": 1}],
                "categories": [{"id": 1, "name": "horse"}],
                "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1]}],
            }
        )
    )
    said = run(
        "discover", "cat", "--images", str(PETS / "cats"), "--others", str(PETS / "dogs"),
        "--out", str(tmp_path / "o"), "--truth", str(tmp_path / "t.json"),
    )  # fmt: skip
    assert said.returncode == 2
    assert "['horse']" in said.stderr


def test_doctor_knows_its_checks():
    said = run("doctor", "--only", "jawa")
    assert said.returncode == 2
    assert said.stderr.startswith(
        "irbis: ParamError: got the check 'jawa'; expected one of python,"
    )


def test_doctor_answers_with_its_exit_code(tmp_path):
    (tmp_path / "file").touch()
    assert run("doctor", "--only", "cache", IRBIS_HOME=str(tmp_path)).returncode == 0
    said = run("doctor", "--only", "cache", IRBIS_HOME=str(tmp_path / "file" / "home"))
    assert said.returncode == 1
    assert "FAULT cache" in said.stdout
    assert said.stdout.splitlines()[-1].startswith("something is wrong")
