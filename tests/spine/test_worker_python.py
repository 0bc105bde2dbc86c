"""PYSPARK_PYTHON is asked before Spark is: programs that are no Python, or another one."""

import sys

import pytest

from irbis.errors import EngineError
from irbis.worker_python import worker_python


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A program that does something, as PYSPARK_PYTHON."""

    def make(script, mode=0o755):
        path = tmp_path / "python"
        path.write_text(script)
        path.chmod(mode)
        monkeypatch.setenv("PYSPARK_PYTHON", str(path))
        return str(path)

    return make


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("#!/bin/sh\necho 2.7\n", "which is Python 2.7"),
        ("#!/bin/sh\necho hello\n", "does not say its version"),
        ("#!/bin/sh\nexit 3\n", r"does not say its version \(exit code 3\)"),
        ("#!/no/such/shell\n", "does not run"),
    ],
)
def test_no_python_of_ours(program, script, says):
    program(script)
    with pytest.raises(EngineError, match=says):
        worker_python()


def test_a_program_that_is_not_there(monkeypatch):
    monkeypatch.setenv("PYSPARK_PYTHON", "no-such-python")
    with pytest.raises(EngineError, match="which is no program here"):
        worker_python()


def test_one_that_hangs(program, monkeypatch):
    monkeypatch.setattr("irbis.worker_python._SECONDS", 0.2)
    program("#!/bin/sh\nexec sleep 60\n")
    with pytest.raises(EngineError, match="gave no answer"):
        worker_python()


def test_the_driver_s_own_and_its_like(program, monkeypatch):
    monkeypatch.delenv("PYSPARK_PYTHON", raising=False)
    assert worker_python() == sys.executable
    like = program(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    assert worker_python() == like
