"""Every animal of the zoo, through decode and through stages: a picture or an error row, no more."""

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image, ImageFile
from zoo import BAD, GOOD, PICTURE, plain

from irbis import ImageTransformer, PipelineModel, UnrollImage
from irbis.image.codec import PictureError, decode

ROOT = Path(__file__).parents[2]
ZOO = {**GOOD, **BAD}


def check(name):
    data, *expected = ZOO[name]
    if name in BAD:
        with pytest.raises(PictureError) as caught:
            decode(data)
        assert caught.value.kind == expected[0], str(caught.value)
        assert str(caught.value)
        return
    pixels, tolerance = expected
    found = decode(data)
    assert (found.shape, found.dtype) == (pixels.shape, np.uint8)
    assert np.abs(found.astype(int) - pixels).max() <= tolerance


@pytest.mark.filterwarnings("error", "ignore::ResourceWarning")  # of other tests
@pytest.mark.parametrize("name", ZOO)
def test_decode(name, capfd):
    check(name)
    if name != "tiff, half of LZW":  # libtiff itself writes to stderr
        assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("limit", [None, 1, 10**12])
def test_pillows_settings_have_no_say(limit, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    for name in ZOO:
        check(name)
    assert limit == Image.MAX_IMAGE_PIXELS
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True
    with pytest.raises(PictureError, match="limit is 700"):
        decode(plain, max_pixels=700)


@pytest.mark.parametrize("name", GOOD)
def test_reduced_decoding_keeps_to_its_word(name):
    data, pixels, tolerance = GOOD[name]
    height, width = pixels.shape[:2]
    found = decode(data, (max(1, width // 4), max(1, height // 4)))
    if not name.startswith("jpeg"):
        assert np.abs(found.astype(int) - pixels).max() <= tolerance
    assert found.shape[0] >= height // 4
    assert found.shape[1] >= width // 4


def stages(**errors):
    return [
        ImageTransformer(**errors).resize(height=8, width=9).blur(3, 3),
        UnrollImage(width=5, height=5, **errors),
    ]


def rows():
    """The zoo with a good picture after every animal."""
    table = [(name, data) for name, (data, *_) in ZOO.items()]
    return [row for animal in table for row in (animal, ("good", plain))]


def check_rows(found):
    assert [r["name"] for r in found] == [name for name, _ in rows()]
    for row in found:
        kind = BAD[row["name"]][1] if row["name"] in BAD else None
        for result, error in (
            ("transformed", "transformed_error"),
            ("unrolled", "unrolled_error"),
        ):
            assert (row[result] is None) == (kind is not None), row["name"]
            assert (row[error] and row[error]["kind"]) == kind, row["name"]


def test_stages_locally():
    table = pa.table(
        {"name": [n for n, _ in rows()], "image": pa.array([d for _, d in rows()], pa.binary())}
    )
    check_rows(PipelineModel(stages()).transform(table).to_pylist())


def test_the_whole_zoo_in_one_job(spark):
    numbered = [(i, name, bytearray(data)) for i, (name, data) in enumerate(rows())]
    frame = spark.createDataFrame(numbered, "at int, name string, image binary").repartition(3)
    out = PipelineModel(stages()).transform(frame)
    found = out.drop("image").orderBy("at").collect()
    check_rows([r.asDict() for r in found])


def test_every_kind_is_documented():
    page = (ROOT / "docs" / "pictures.md").read_text()
    sources = "".join(p.read_text() for p in (ROOT / "src" / "irbis").rglob("*.py"))
    kinds = set(re.findall(r'PictureError\(\s*"(\w+)"', sources)) | {"truncated"}
    assert kinds >= {kind for _, kind in BAD.values()}
    missing = {kind for kind in kinds if f"| `{kind}` |" not in page}
    assert missing == set()


def test_the_zoo_is_a_zoo():
    assert len(ZOO) >= 55
    assert PICTURE.shape == (24, 32, 3)
