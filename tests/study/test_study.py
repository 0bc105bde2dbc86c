"""The whole experiment on a few shipped pictures: what it writes, and what it must not let through."""

import json
import os
import re
import shutil

import pytest

from irbis.errors import DataError, ParamError
from irbis.samples import PETS
from irbis.study.study import study
from irbis.study.table import lines

pytestmark = pytest.mark.one_engine("classic")


SLOW = pytest.mark.skipif("IRBIS_SLOW" not in os.environ, reason="many fits: set IRBIS_SLOW=1")


@pytest.fixture(scope="module")
def measured(spark, tmp_path_factory):
    """8 cats and 12 dogs; a cat's mirror-free double among the dogs, and a broken file."""
    root = tmp_path_factory.mktemp("classes")
    for name, count in (("cats", 8), ("dogs", 12)):
        (root / name).mkdir()
        for path in sorted((PETS / name).iterdir())[:count]:
            shutil.copy(path, root / name / path.name)
    double = min((root / "cats").iterdir())
    shutil.copy(double, root / "dogs" / "double.jpg")
    (root / "dogs" / "broken.jpg").write_bytes(b"not a picture")
    out = root / "out"
    return out, study("cat", [root / "cats"], [root / "dogs"], out, frames=2, show=False)


@SLOW
def test_every_way_is_measured_on_the_same_pictures(measured):
    _, found = measured
    counts = found["images"]
    assert (counts["target"], counts["other"], counts["failed"]) == (7, 12, 1)
    assert counts["left_out"] == 2  # the double, on either side
    names = [way["name"] for way in found["ways"]]
    assert names == ["L120", "RGB32", "RN2", "RN2+A", "RN2+A+E", "RN2+A+grey+E"]
    for way in (*found["ways"], *found["generated_bursts"]["ways"]):
        assert way["n"] == counts["asked"] == sum(map(sum, way["confusion"]))
        assert sum(way["confusion"][1]) == counts["asked_target"]
    assert found["always_no"] == pytest.approx(1 - counts["asked_target"] / counts["asked"])
    for step in (*found["steps"], *found["generated_bursts"]["steps"]):
        assert step["accuracy"]["says"] in ("helps", "harms", "no difference shown")


@SLOW
def test_the_page_shows_both_matrices_and_what_is_generated(measured):
    out, found = measured
    page = (out / "study.html").read_text()
    assert json.loads((out / "study.json").read_text()) == json.loads(json.dumps(found))
    assert page.count('<table class="cm">') == 4
    assert "always saying no" in page
    assert "It says nothing about a real burst." in page
    assert not re.findall(r'(?:src|href)="(?!data:)', page)  # one file: nothing is fetched
    assert sorted(p.name for p in out.iterdir()) == ["study.html", "study.json"]


@SLOW
def test_the_terminal_says_the_same(measured):
    _, found = measured
    said = "\n".join(lines(found))
    assert f"RN2+A+E                right {found['ways'][4]['accuracy']['value']:.3f}" in said
    assert "generated bursts" in said


def test_mistakes_are_told_before_a_job(tmp_path):
    with pytest.raises(ParamError, match="all three, or none"):
        study("cat", out=tmp_path)
    with pytest.raises(ParamError, match="frames"):
        study(out=tmp_path, frames=1)


def test_folders_must_be_there(spark, tmp_path):
    with pytest.raises(DataError, match="nowhere"):
        study("cat", ["nowhere"], [PETS / "dogs"], tmp_path, show=False)
