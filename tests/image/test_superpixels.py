"""Superpixels: connected, gapless, readable, whatever the picture."""

import warnings

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import label

import pictures
from irbis import SuperpixelTransformer
from irbis.errors import ParamError
from irbis.image.superpixel import METHODS, cut_up
from irbis.image.superpixel_map import Superpixels, pack_map, unpack_map

EIGHT = np.ones((3, 3))


def found(stage, arrays):
    rows = stage.transform(pictures.struct_table(arrays))["superpixels"].to_pylist()
    return [Superpixels.from_row(row) for row in rows]


@pytest.mark.filterwarnings("error", "ignore::ResourceWarning")  # of other tests
@settings(max_examples=60)
@given(
    st.sampled_from(METHODS),
    st.integers(1, 30),
    st.integers(1, 30),
    st.integers(1, 60),
    st.sampled_from(["flat", "noise", "picture"]),
)
def test_any_picture(method, height, width, segments, kind):
    rng = np.random.default_rng(height * width)
    picture = {
        "flat": np.full((height, width, 3), 9, np.uint8),
        "noise": rng.integers(0, 256, (height, width, 3), dtype=np.uint8),
        "picture": pictures.array(height, width),
    }[kind]
    labels = cut_up(picture, method, segments, 10.0)
    count = int(labels.max()) + 1
    assert labels.shape == (height, width) and labels.dtype == np.uint16
    assert np.array_equal(np.unique(labels), np.arange(count))
    assert labels[0, 0] == 0
    assert count <= min(4 * segments, height * width)
    assert all(label(labels == i, EIGHT)[1] == 1 for i in range(count))


@pytest.mark.parametrize("method", METHODS)
def test_an_edge_is_followed(method):
    picture = np.zeros((60, 80, 3), np.uint8)
    picture[:, 33:] = 200
    labels = cut_up(picture, method, 12, 1.0)
    left, right = set(labels[:, :32].flat), set(labels[:, 34:].flat)
    assert not left & right


@pytest.mark.parametrize("method", METHODS)
def test_the_map_covers_the_picture(method):
    large = pictures.array(200, 300, 1)
    (whole,) = found(SuperpixelTransformer(method=method, shortSide=50), [large])
    assert (whole.height, whole.width) == (200, 300)
    assert whole.segments.shape == (50, 75)
    labels = whole.labels()
    assert labels.shape == (200, 300)
    assert np.array_equal(labels[::4, ::4], whole.segments)


def test_cells_say_how_many():
    flat = [np.zeros((100, 100, 3), np.uint8)]
    (few,) = found(SuperpixelTransformer(cellSize=50, method="watershed"), flat)
    (many,) = found(SuperpixelTransformer(cellSize=10, method="watershed"), flat)
    assert (few.count, many.count) == (4, 100)
    (one,) = found(SuperpixelTransformer(cellSize=10_000), flat)
    assert one.count == 1


def test_tiny_pictures_and_bad_rows():
    tiny = [np.zeros((1, 1, 3), np.uint8), None, np.zeros((1, 9, 3), np.uint8)]
    for method in METHODS:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            out = SuperpixelTransformer(method=method).transform(pictures.struct_table(tiny))
        assert [e and e["kind"] for e in out["superpixels_error"].to_pylist()] == [
            None,
            "null",
            None,
        ]
        assert out["superpixels"][0].as_py()["count"] == 1


def test_a_value_is_read_back_and_never_grows():
    labels = np.arange(12, dtype=np.uint16).reshape(3, 4)
    assert np.array_equal(unpack_map(pack_map(labels), 3, 4), labels)
    for height, width in ((3, 3), (4, 4), (1, 1)):
        with pytest.raises(ValueError, match="superpixel ids"):
            unpack_map(pack_map(labels), height, width)
    with pytest.raises(ValueError, match="superpixel ids"):
        unpack_map(pack_map(np.zeros((5000, 5000), np.uint16)), 3, 4)


def test_from_a_spark_row(spark):
    frame = spark.createDataFrame([(bytearray(pictures.encoded(40, 60)),)], "image binary")
    row = SuperpixelTransformer(numSegments=6).transform(frame).select("superpixels").collect()[0]
    there = Superpixels.from_row(row["superpixels"])
    table = pa.table({"image": [pictures.encoded(40, 60)]})
    local = SuperpixelTransformer(numSegments=6).transform(table)["superpixels"][0].as_py()
    assert np.array_equal(there.labels(), Superpixels.from_row(local).labels())


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "quickshift"},
        {"numSegments": 0},
        {"cellSize": 0},
        {"compactness": 0},
        {"shortSide": 1},
    ],
)
def test_what_can_not_be(wrong):
    with pytest.raises(ParamError):
        SuperpixelTransformer(**wrong)
