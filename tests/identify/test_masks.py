"""Masks of every kind keep keypoints on the animal."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sightings import seen

from irbis.errors import SchemaError
from irbis.explain.explanation import EXPLANATION, Explanation
from irbis.identify.chip import cut, pixels
from irbis.identify.chip_features import ChipFeatures
from irbis.identify.chip_reading import from_row
from irbis.identify.masks import inside, is_mask, masks
from irbis.image.codec import PictureError, decode
from irbis.image.superpixel_map import SUPERPIXELS

HEAT = pa.struct(
    [("height", pa.int32()), ("width", pa.int32()), ("values", pa.list_(pa.float32()))]
)


def _explanation(weights, segments):
    some = np.zeros(1)
    return Explanation(
        classes=[3], scores=some, weights=np.array([weights]), intercept=some, r2=some, forwards=9,
        height=320, width=480, segments=np.array(segments, np.uint16),
    ).to_row()  # fmt: skip


# Each says: the left half of the picture.
KINDS = {
    "heat": pa.array([{"height": 1, "width": 4, "values": [2.0, 2.0, -2.0, -2.0]}], HEAT),
    "explanation": pa.array([_explanation([0.5, -0.1], [[0, 1]])], EXPLANATION),
}


@pytest.mark.parametrize("kind", KINDS)
def test_keypoints_stay_on_the_animal(kind):
    row = seen(0, 0)
    batch = pa.record_batch({"image": [row["image"]], "box": [row["box"]], "mask": KINDS[kind]})
    whole = ChipFeatures(boxCol="box").transform(batch)["features"][0].as_py()
    part = ChipFeatures(boxCol="box", maskCol="mask").transform(batch)["features"][0].as_py()
    x = from_row(part).in_picture(np.arange(len(from_row(part).geometry)))[:, 0]
    assert len(x) > 30 and x.max() <= 242
    x = from_row(whole).in_picture(np.arange(len(from_row(whole).geometry)))[:, 0]
    assert x.max() > 280


def test_what_a_network_is_shown_is_black_off_the_animal():
    picture = decode(seen(0, 0)["image"])
    (mask,) = masks(KINDS["heat"])
    chip = pixels(picture, (100, 50, 400, 250), mask)
    assert chip.shape == (200, 300, 3)
    assert (chip[:, 145:] == 0).all()
    assert np.array_equal(chip[:, :135], picture[50:250, 100:235])
    assert cut(picture, (100, 50, 400, 250), 100, mask).mask.mean() == pytest.approx(
        140 / 300, abs=0.02
    )


def test_rows_that_are_no_masks_are_errors_of_their_rows():
    heats = pa.array(
        [
            None,
            {"height": 2, "width": 2, "values": [1.0]},
            {"height": 0, "width": 0, "values": []},
            {"height": None, "width": 2, "values": [1.0, 1.0]},
            {"height": 1, "width": 2, "values": None},
        ],
        HEAT,
    )
    found = list(masks(heats))
    assert all(isinstance(f, PictureError) for f in found)
    assert [f.kind for f in found] == ["null", *["mask"] * 4]
    good = _explanation([0.5, -0.1], [[0, 1]])
    odd = [{**good, "map": b"no zlib"}, {**good, "weights": [[0.5]]}, {**good, "weights": []}]
    assert [f.kind for f in masks(pa.array(odd, EXPLANATION))] == ["mask"] * 3


def test_superpixels_alone_say_nothing_of_the_animal():
    assert not is_mask(SUPERPIXELS)
    schema = pa.schema([("image", pa.binary()), ("mask", SUPERPIXELS)])
    with pytest.raises(SchemaError, match="heat maps"):
        ChipFeatures(maskCol="mask").output_schema(schema)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 99))
def test_a_map_of_any_size_is_laid_over_the_whole_picture(high, wide, seed):
    heat = np.random.default_rng(seed).normal(size=(high, wide)).astype(np.float32)
    shown = inside(
        heat, (wide * 11, high * 11), (0, 0, wide * 11, high * 11), (wide * 11, high * 11)
    )
    assert shown.shape == (high * 11, wide * 11)
    assert np.array_equal(shown[5::11, 5::11], heat > 0)
