"""Pictures for a discovery from a search: folders, whose they are, nothing asked twice."""

import json
from pathlib import Path

import pytest

from irbis.detect.choosing import choose
from irbis.detect.crediting import credits_of, licences
from irbis.detect.gathering import SOURCES, gather
from irbis.errors import DataError, ParamError
from irbis.image.codec import decode


def test_local_source(spark, stand_ins, tmp_path):
    found = gather("cat", tmp_path, source="local", url=stand_ins, words=["dog"], count=6)
    names = {p.name for p in found.images.iterdir()}, {p.name for p in found.others.iterdir()}
    assert [len(n) for n in names] == [6, 6]
    for row in found.credits:
        decode((tmp_path / row["file"]).read_bytes())
        assert row["license"] in {"CC BY-SA 4.0", "CC BY-NC 4.0"}
        assert row["landing_page"].startswith("https://example.org/")
        assert row["source"] == "local"
    authors = {row["query"]: row["creator"] for row in found.credits}
    assert authors == {"cat": "Ann Author", "dog": None}
    # A second run asks nobody: there is no service at that address.
    again = gather("cat", tmp_path, source="local", url=stand_ins, words=["dog"], count=6)
    assert again == found
    with pytest.raises(DataError, match="another search"):
        gather("cat", tmp_path, source="local", url=stand_ins, words=["dog"], count=7)


@pytest.mark.one_engine("classic")
def test_bing_source_knows_no_authors(spark, stand_ins, tmp_path):
    mine = [Path("mine")]
    chosen = choose("cat", tmp_path, None, mine, source="bing", count=6, url=stand_ins)
    assert chosen.others == mine
    assert len(chosen.credits) == 6
    assert {row["license"] for row in chosen.credits} == {None}
    assert chosen.credits[0]["title"].startswith("cat number")
    assert json.loads((tmp_path / "credits.json").read_text())["asked"]["words"] == []


@pytest.mark.one_engine("classic")
def test_nothing_found(spark, stand_ins, tmp_path):
    with pytest.raises(DataError, match="no picture for the target"):
        gather("quagga", tmp_path, source="local", url=stand_ins, count=6)


def test_pictures_of_an_unfinished_search_are_not_used(tmp_path):
    (tmp_path / "pictures").mkdir()
    with pytest.raises(DataError, match="without credits.json"):
        gather("cat", tmp_path, source="local")


def test_what_is_asked_for_must_fit(tmp_path):
    with pytest.raises(ParamError, match="openverse"):
        choose("cat", tmp_path, None, None)
    with pytest.raises(ParamError, match="one of them"):
        choose("cat", tmp_path, [Path("a")], None, source="local")
    with pytest.raises(ParamError, match="one of"):
        gather("cat", tmp_path, source="google")
    assert choose("cat", tmp_path, [Path("a")], [Path("b")]).credits == []
    assert set(SOURCES) >= {"openverse", "gbif", "inaturalist", "wikimedia", "bing", "local"}


def test_credits_are_of_the_pictures_that_were_used():
    class Catalog:
        rows = [{"path": "/x/pictures/target/b.jpg"}, {"path": "/x/mine/a.jpg"}]

    told = [
        {"file": "pictures/target/b.jpg", "license": None, "url": "javascript:alert(1)"},
        {"file": "pictures/target/c.jpg", "license": "CC BY 4.0"},
    ]
    (entry,) = credits_of(told, Catalog())
    assert (entry["name"], entry["page"]) == ("b.jpg", None)
    assert licences([entry]) == {"not said": 1}
