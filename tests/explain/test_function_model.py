"""A Python function as the model."""

import tracemalloc

import numpy as np
import pyarrow as pa
import pytest

import pictures
from irbis import ImageLIME
from irbis.errors import ParamError
from irbis.explain.explanation import Explanation
from irbis.image.codec import encode


def left_half(seen):
    assert seen.dtype == np.uint8
    assert len(seen) <= 16
    return seen[:, :, : max(1, seen.shape[2] // 2)].mean(axis=(1, 2, 3)) / 255


def explain(function, picture, **params):
    stage = ImageLIME(
        model=function, targetClasses=[0], metric="probability", fill="black",
        segmentation="watershed", numSamples=32, numSegments=8, regularization=0.0, **params,
    )  # fmt: skip
    return stage.transform(pa.table({"image": [encode(picture)]})).to_pylist()[0]


@pytest.mark.parametrize("size", [(40, 80), (500, 1000), (1, 1)])
def test_weight_lies_where_the_function_looks(size):
    row = explain(left_half, np.full((*size, 3), 255, np.uint8))
    assert row["explanation_error"] is None
    found = Explanation.from_row(row["explanation"])
    assert min(found.segments.shape) == min(*size, 224)
    assert (found.height, found.width) == size
    if size != (1, 1):
        gains = found.weights[0][found.segments]
        assert found.r2[0] > 0.999
        assert gains[:, 0].min() > 0.01
        assert np.abs(gains[:, -1]).max() < 1e-3
        assert np.isclose(found.weights.sum() + found.intercept[0], 1, atol=1e-3)


def test_perturbed_pictures_do_not_pile_up():
    """10,000 of them would be 490 MB; what stays of each is its mask and answers."""
    picture = pictures.array(64, 64)
    function = ImageLIME(
        model=left_half, targetClasses=[0], sampler="independent", numSamples=10_000
    ).make_function()
    tracemalloc.start()
    found = function.explain(picture)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.forwards == 10_000
    assert peak < 25 << 20


@pytest.mark.parametrize("shape", [(3,), (), (1, 2, 3)])
def test_answers_of_a_wrong_shape_are_the_rows_error(shape):
    row = explain(lambda seen: np.zeros(shape), pictures.array(30, 30))
    assert row["explanation"] is None
    assert row["explanation_error"]["kind"] == "score"


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_answers_that_are_no_numbers_are_the_rows_error(value):
    row = explain(lambda seen: np.full(len(seen), value), pictures.array(30, 30))
    assert row["explanation"] is None
    assert "NaN or infinity" in row["explanation_error"]["message"]


def test_what_is_no_model_is_refused():
    with pytest.raises(ParamError, match="function on pictures"):
        ImageLIME(model="cat")


def test_a_function_is_not_saved():
    with pytest.raises(ParamError, match="after loading"):
        ImageLIME(model=left_half).saved_params()
