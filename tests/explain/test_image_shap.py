"""ImageSHAP: Shapley values of superpixels, in the form that LIME's explanations have."""

import numpy as np
import pyarrow as pa
import pytest

import pictures
from irbis import BoxesFromWeights, ImageLIME, ImageSHAP
from irbis.errors import ParamError, SchemaError
from irbis.explain.explanation import Explanation
from irbis.image.codec import encode


def left_half(seen):
    return seen[:, :, : max(1, seen.shape[2] // 2)].mean(axis=(1, 2, 3)) / 255


def explain(picture, model=left_half, **params):
    told = {"targetClasses": [0], "metric": "probability", "fill": "black", **params}
    table = pa.table({"image": [encode(picture)]})
    row = ImageSHAP(model=model, segmentation="watershed", **told).transform(table).to_pylist()[0]
    assert row["explanation_error"] is None
    return Explanation.from_row(row["explanation"])


@pytest.mark.parametrize("segments", [6, 40])
def test_values_are_what_each_superpixel_adds(segments):
    picture = np.full((40, 80, 3), 255, np.uint8)
    found = explain(picture, numSegments=segments, numSamples=200)
    count = found.weights.shape[1]
    share = [np.mean((found.segments == k)[:, :40]) for k in range(count)]
    assert np.allclose(found.weights[0], share, atol=1e-5)
    assert found.intercept[0] == 0  # the base value: all black
    assert np.isclose(found.weights.sum(), 1, atol=1e-5)
    assert found.forwards == (2**count if segments == 6 else 200)


def test_an_interaction_is_shared_equally():
    """The product of the brightness of two halves: LIME's line can't say what it is worth."""
    product = lambda s: left_half(s) * left_half(s[:, :, ::-1])
    halves = np.repeat(np.array([0, 1]), 20)[None].repeat(40, axis=0).astype(np.uint16)
    from irbis.image.superpixel_map import SUPERPIXELS, Superpixels

    cut = pa.array([Superpixels(40, 40, halves).to_row()], SUPERPIXELS)
    table = pa.table({"image": [encode(np.full((40, 40, 3), 255, np.uint8))], "cut": cut})
    stage = ImageSHAP(
        model=product, segmentation="cut", targetClasses=[0], metric="probability", fill="black"
    )
    assert stage.input_columns() == ["image", "cut"]
    found = Explanation.from_row(stage.transform(table)["explanation"][0].as_py())
    assert np.allclose(found.weights, 0.5)


def test_a_picture_of_one_superpixel_and_rows_that_fail():
    assert explain(np.full((9, 9, 3), 255, np.uint8), cellSize=50).weights == pytest.approx(1.0)
    table = pictures.binary_table([None, pictures.BAD[1], pictures.GOOD[0]])
    out = ImageSHAP(model=left_half, targetClasses=[3], numSegments=3).transform(table).to_pylist()
    assert [row["explanation"] for row in out] == [None] * 3
    assert out[0]["explanation_error"]["kind"] == "null"
    assert out[2]["explanation_error"]["kind"] == "score"


def test_it_writes_what_lime_writes():
    schema = pa.schema([pa.field("image", pa.binary())])
    shap, lime = (stage(model=left_half) for stage in (ImageSHAP, ImageLIME))
    assert shap.output_schema(schema).equals(lime.output_schema(schema))
    BoxesFromWeights(label="x").output_schema(shap.output_schema(schema))
    with pytest.raises(SchemaError, match="no column"):
        ImageSHAP(model=left_half, segmentation="no").output_schema(schema)
    with pytest.raises(ParamError, match="setModel"):
        ImageSHAP().output_schema(schema)
    with pytest.raises(ParamError, match="rrggbb"):
        ImageSHAP(fill="grey")
