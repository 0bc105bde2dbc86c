"""The guides run: by default those that need few seconds, with IRBIS_SLOW=1 (`make guides`) all.

In this process, and in the session that all tests share.
"""

import importlib.util
import os
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "guides"
GUIDES = sorted(FOLDER.glob("[0-9][0-9]_*.py"))
WITHOUT_SPARK = [
    g for g in GUIDES if "session()" not in g.read_text() and "discover(" not in g.read_text()
]
FAST = ("09", "14", "16")

slow = pytest.mark.skipif("IRBIS_SLOW" not in os.environ, reason="make guides")


def cases(guides):
    return [
        pytest.param(g, id=g.stem, marks=() if g.stem.startswith(FAST) else slow) for g in guides
    ]


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    spec = importlib.util.spec_from_file_location("run_guides", FOLDER / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.run


@pytest.mark.parametrize("guide", cases(WITHOUT_SPARK))
def test_without_spark(guide, run, tmp_path, capsys):
    assert run(guide, tmp_path) >= 1
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in tmp_path.iterdir())
    assert capsys.readouterr().out


@slow
@pytest.mark.one_engine("classic")
@pytest.mark.parametrize(
    "guide", [g for g in GUIDES if g not in WITHOUT_SPARK], ids=lambda g: g.stem
)
def test_on_spark(guide, run, spark, tmp_path, capsys):
    assert run(guide, tmp_path) >= 1
    assert capsys.readouterr().out
