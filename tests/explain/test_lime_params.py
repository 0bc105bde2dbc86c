"""ImageLIME's Params, and pictures at the edge: each has a defined result or an error row."""

import numpy as np
import pyarrow as pa
import pytest

import pictures
from irbis import ImageFeaturizer, ImageLIME, SuperpixelTransformer
from irbis.errors import ParamError, SchemaError
from irbis.explain.explanation import Explanation
from irbis.explain.faithfulness import deletion_auc, held_out_r2, insertion_auc
from irbis.image.codec import decode, encode
from irbis.image.superpixel_map import Superpixels


@pytest.fixture(scope="module")
def model(network):
    return ImageFeaturizer(cutOutputLayers=0, outputCol="probability").setModel(network)


def lime(model, **params):
    return ImageLIME(
        model=model, targetClasses=[281], **{"numSamples": 8, "numSegments": 4, **params}
    )


def explained(stage, picture):
    content = picture if isinstance(picture, bytes) else encode(picture)
    row = stage.transform(pa.table({"image": [content]})).to_pylist()[0]
    assert row["explanation_error"] is None
    return Explanation.from_row(row["explanation"])


@pytest.mark.parametrize(
    ("sampler", "forwards"),
    [("foldover", 16), ("antithetic", 12), ("independent", 11), ("adaptive", 16)],
)
def test_samplers(model, sampler, forwards):
    found = explained(lime(model, sampler=sampler, numSamples=11 if sampler != "adaptive" else 16,
                           stability=0.0), pictures.array(60, 80))  # fmt: skip
    assert found.forwards == forwards
    assert np.isfinite(found.weights).all()
    whole = explained(lime(model), pictures.array(60, 80))
    assert np.allclose(found.scores, whole.scores, rtol=1e-4)  # the picture's own


@pytest.mark.parametrize("segmentation", ["slic", "felzenszwalb", "watershed"])
def test_segmentations(model, segmentation):
    found = explained(lime(model, segmentation=segmentation), pictures.array(60, 80))
    assert 1 <= found.weights.shape[1] <= 16


def test_a_column_of_superpixels(model):
    table = pa.table({"image": [pictures.encoded(60, 80), pictures.GOOD[0], None]})
    cut = SuperpixelTransformer(numSegments=6).transform(table)
    stage = lime(model, segmentation="superpixels")
    assert stage.input_columns() == ["image", "superpixels"]
    out = stage.transform(cut).to_pylist()
    for row in out[:2]:
        assert len(row["explanation"]["weights"][0]) == row["superpixels"]["count"]
    assert out[2]["explanation_error"]["kind"] == "null"


def test_superpixels_that_are_no_use_are_the_rows_error(model):
    good = SuperpixelTransformer(numSegments=6).transform(pa.table({"image": [pictures.GOOD[0]]}))
    field = good.schema.field("superpixels")
    broken = {**good["superpixels"][0].as_py(), "map": b"no"}
    labels = np.arange(80 * 80, dtype=np.uint16).reshape(80, 80)
    many = Superpixels(24, 32, labels).to_row()
    table = pa.table(
        {
            "image": [pictures.GOOD[0]] * 3,
            "superpixels": pa.array([None, broken, many], field.type),
        }
    )
    out = lime(model, segmentation="superpixels").transform(table).to_pylist()
    assert [row["explanation_error"]["kind"] for row in out] == ["segments"] * 3
    assert [row["explanation"] for row in out] == [None] * 3


def test_a_segmentation_that_is_neither_is_refused_before_a_job(model):
    with pytest.raises(SchemaError, match="quickshift"):
        lime(model, segmentation="quickshift").transform(pa.table({"image": [b""]}))
    with pytest.raises(SchemaError, match="felzenszwalb"):
        lime(model, segmentation="tag").transform(pa.table({"image": [b""], "tag": ["x"]}))


@pytest.mark.parametrize("value", ["grey", "#fff", "#gggggg", 3, None])
def test_a_fill_that_is_none(value):
    with pytest.raises(ParamError, match="rrggbb"):
        ImageLIME(fill=value)


@pytest.mark.parametrize("fill", ["noise", "#ff8000"])
def test_more_fills(model, fill):
    picture = pictures.array(60, 80)
    assert explained(lime(model, fill=fill), picture).to_row() == (
        explained(lime(model, fill=fill), picture).to_row()
    )


@pytest.mark.parametrize("side", [1, 7])
def test_smaller_than_a_cell_is_one_superpixel(model, side):
    picture = decode(encode(pictures.array(side, side)))
    stage = lime(model, cellSize=50, metric="probability", regularization=0.0, fill="black")
    found = explained(stage, encode(pictures.array(side, side)))
    assert found.weights.shape == (1, 1)
    answers = stage.make_function().masked(picture).of_segments(np.array([[True], [False]]))
    assert np.isclose(found.weights[0, 0], answers[0, 0] - answers[1, 0], rtol=1e-3)


def test_cells_are_pixels_of_the_picture(model):
    found, asked = (
        explained(lime(model, **params), pictures.array(60, 80))
        for params in ({"cellSize": 20}, {"numSegments": 12})
    )
    assert found.to_row() == asked.to_row()
    assert found.weights.shape[1] > 4


@pytest.mark.parametrize("metric", ["logit", "probability"])
def test_one_colour_has_nothing_to_say(model, metric):
    found = explained(lime(model, metric=metric), np.full((60, 80, 3), 90, np.uint8))
    assert np.abs(found.weights).max() < 1e-6
    assert found.r2[0] == 0


def test_null_and_corrupt_are_error_rows(model):
    out = lime(model).transform(pictures.binary_table([None, *pictures.BAD, pictures.GOOD[0]]))
    kinds = [e and e["kind"] for e in out["explanation_error"].to_pylist()]
    assert kinds == ["null", "empty", "decode", "truncated", "truncated", None]


def test_the_kit_judges_a_real_explanation(model):
    """It explains its own picture better than the same weights turned round."""
    function = lime(model, numSamples=64, numSegments=9, fill="black").make_function()
    picture = pictures.array(60, 80)
    found, masked = function.explain(picture), function.masked(picture)

    def score(kept):
        return function.on_scale(masked.of_segments(kept))[:, 0]

    weights = found.weights[0]
    assert deletion_auc(score, weights, 4) < deletion_auc(score, -weights, 4)
    assert insertion_auc(score, weights, 4) > insertion_auc(score, -weights, 4)
    assert held_out_r2(score, weights, found.intercept[0], 32) <= 1
    pixels = weights[found.segments]
    assert np.isfinite(deletion_auc(lambda k: masked.of_pixels(k)[:, 0], pixels, 4))
