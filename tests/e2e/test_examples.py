"""The examples run, offline: two of the deck's pages, small."""

import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def example(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    yield
    for name in ("leopard_search", "quote_analysis", "quote_pictures"):
        sys.modules.pop(name, None)


@pytest.mark.one_engine("classic")
def test_leopard_search(spark, capsys):
    from leopard_search import run

    from irbis.samples import PETS

    said = run(spark, PETS, "cat", ["pug", "beagle"], pages=1)
    assert (said["endangered"], said["other"]) == (10, 12)
    assert (said["pictures"], said["failed"]) == (22, 0)
    assert said["left"] <= 22
    assert said["right"] >= 0.7 * said["of"] > 0
    assert "near-duplicates dropped" in capsys.readouterr().out


@pytest.mark.one_engine("connect")
def test_quote_analysis(spark, tmp_path, capsys):
    from quote_analysis import run

    table = run(spark, tmp_path, most=1)
    assert [row["person"] for row in table] == [
        "Emily Dickinson", "Frederick Douglass", "Jane Austen", "Mark Twain", "Oscar Wilde",
    ]  # fmt: skip
    for row in table:
        assert row["quotes"] == 1
        assert sum(row[name] for name in ("positive", "neutral", "negative")) == pytest.approx(
            1, abs=0.02
        )
    assert (tmp_path / "quotes.png").read_bytes().startswith(b"\x89PNG")
    assert "Hope is the thing with feathers" in (tmp_path / "quotes.csv").read_text()
    assert "of 5 quotes were read to the letter" in capsys.readouterr().out
