"""LIME: exact where the model is additive, the same every time, and on the right superpixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pictures
from irbis import ImageLIME
from irbis.explain.explanation import Explanation
from irbis.explain.filling import filled
from irbis.explain.overlay import explanation_image
from irbis.explain.perturbation import LimeFunction
from irbis.explain.sampling import fold_over
from irbis.explain.surrogate import kernel, ridge
from irbis.image.superpixel import slic
from irbis.planning import Chain
from irbis.schema import put
from irbis.vectors import to_matrix, to_vectors


@given(st.integers(1, 80), st.sampled_from([2, 16, 128, 100]), st.integers(0, 5))
def test_the_design_is_balanced(segments, samples, seed):
    design = fold_over(segments, samples, seed)
    n = len(design)
    assert n >= max(samples, segments + 1)
    assert n & (n - 1) == 0
    assert design[0].all()
    assert not design[n // 2].any()
    assert (design[: n // 2] ^ design[n // 2 :]).all()  # each with its complement
    signs = design * 2 - 1
    assert (signs.T @ signs == n * np.eye(segments)).all()  # orthogonal, and so balanced
    # Resolution IV: no main effect is confused with an interaction of two.
    if 2 <= segments <= 12:
        pairs = [signs[:, i] * signs[:, j] for i in range(segments) for j in range(i)]
        assert (np.stack(pairs) @ signs == 0).all()


def test_128_forwards_are_enough_for_63_superpixels():
    assert len(fold_over(63, 128)) == 128
    assert len(fold_over(64, 128)) == 256


@given(st.integers(1, 20), st.integers(0, 9))
def test_the_surrogate_finds_an_additive_model(segments, seed):
    rng = np.random.default_rng(seed)
    kept = fold_over(segments, 64, seed)
    truth = rng.normal(size=(segments, 2))
    fit = ridge(kept, kept @ truth + [1.0, -2.0], kernel(kept, 0.75), 0.0)
    assert np.allclose(fit.weights, truth.T)
    assert np.allclose(fit.intercept, [1, -2])
    assert np.allclose(fit.r2, 1)


def test_ridge_is_the_textbook_one():
    """Against the normal equations of weighted ridge, solved by another route (augmented rows)."""
    rng = np.random.default_rng(0)
    kept, penalty = rng.random((40, 7)) < 0.5, 3.0
    y, w = rng.normal(size=(40, 1)), rng.random(40) + 0.1
    fit = ridge(kept, y, w, penalty)
    scaled = np.sqrt(w * 40 / w.sum())[:, None]
    rows = np.hstack([kept, np.ones((40, 1))]) * scaled
    extra = np.hstack([np.sqrt(penalty) * np.eye(7), np.zeros((7, 1))])
    solved = np.linalg.lstsq(
        np.vstack([rows, extra]), np.vstack([y * scaled, np.zeros((7, 1))]), rcond=None
    )[0]
    assert np.allclose(fit.weights[0], solved[:7, 0])
    assert np.allclose(fit.intercept[0], solved[7, 0])


class Brightness:
    """Stands where the network does: features are the mean brightness of four quarters."""

    target = "features"

    def resize(self, picture):
        from irbis.image.pixels import resized

        return resized(picture, 64, 64)

    def tensor(self, picture):
        return self.resize(picture).astype(np.float32).transpose(2, 0, 1)

    def forward(self, tensors):
        n = len(tensors)
        return tensors.reshape(n, 3, 2, 32, 2, 32).mean(axis=(1, 3, 5)).reshape(n, 4) / 255


class Head:
    """Probability of class 1 grows with the brightness of the top left quarter alone."""

    def __call__(self, batch):
        x, valid = to_matrix(batch.column(0))
        p = 1 / (1 + np.exp(-8 * (x[:, :1] - 0.5)))
        return put(batch, "probability", to_vectors(np.hstack([1 - p, p]), valid))


def function(**changes):
    settings = {
        "source": "image", "target": "e", "error": "e_error", "network": Brightness(),
        "head": Chain((Head(),)), "scored": "probability", "classes": (1,), "metric": "logit",
        "segments": 16, "compactness": 30.0, "samples": 64, "fill": "black", "kernel_width": 0.75,
        "regularization": 1e-6, "seed": 0,
    }  # fmt: skip
    return LimeFunction(**{**settings, **changes})


def test_weight_lies_where_the_model_looks():
    white = np.full((64, 64, 3), 255, np.uint8)
    found = function().explain(white)
    gains = found.weights[0][found.segments]
    quarter = gains[:32, :32]
    assert quarter.min() > 0
    assert np.abs(gains[40:, 40:]).max() < 0.05 * quarter.max()
    assert found.r2[0] > 0.999  # the logit is additive in the superpixels
    probability = function(metric="probability").explain(white)
    assert probability.r2[0] < found.r2[0]  # its probability saturates: what "logit" is for
    assert found.forwards == 64
    assert np.isclose(found.scores[0], 1 / (1 + np.exp(-4)), atol=1e-6)


def test_two_classes_from_the_same_forwards():
    found = function(classes=(0, 1)).explain(pictures.array(50, 70))
    assert found.weights.shape[0] == 2
    assert np.allclose(found.weights[0], -found.weights[1])
    assert (found.height, found.width) == (50, 70)


@pytest.mark.parametrize("fill", ["mean", "black", "blur", "noise", "#ff8000"])
def test_fills(fill):
    picture = pictures.array(40, 40, 2)
    segments = slic(picture, 9)
    hidden = filled(picture, segments, int(segments.max()) + 1, fill)
    assert hidden.shape == picture.shape
    assert hidden.dtype == np.uint8
    if fill == "mean":
        for k in range(int(segments.max()) + 1):
            part = hidden[segments == k]
            assert (part == part[0]).all()
            assert np.abs(part[0] - picture[segments == k].mean(axis=0)).max() <= 0.5


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 30))
def test_superpixels_cover_small_pictures_too(height, width, segments):
    labels = slic(pictures.array(height, width), segments)
    assert labels.shape == (height, width)
    assert sorted(np.unique(labels)) == list(range(int(labels.max()) + 1))


def test_an_explanation_survives_its_column():
    found = function().explain(pictures.array(30, 20))
    again = Explanation.from_row(found.to_row())
    assert np.array_equal(found.segments, again.segments)
    assert np.array_equal(found.weights, again.weights)
    assert (found.width, found.forwards) == (again.width, again.forwards)


def test_the_overlay_tints_and_keeps_the_size():
    picture = np.full((64, 96, 3), 255, np.uint8)
    found = function().explain(picture)
    drawn = explanation_image(picture, found)
    assert drawn.shape == picture.shape
    top_left, bottom_right = drawn[8, 12].astype(int), drawn[56, 84].astype(int)
    assert top_left[2] - top_left[0] > 40  # blue: for
    assert abs(bottom_right[2] - bottom_right[0]) < 15


def test_a_real_network_gives_the_same_twice(network):
    from irbis import ImageFeaturizer

    model = ImageFeaturizer(cutOutputLayers=0, outputCol="probability").setModel(network)
    lime = ImageLIME(model=model, targetClasses=[281], numSamples=32, numSegments=12)
    table = pictures.binary_table([pictures.encoded(60, 80, 1)])
    seed, sampler = lime.getParam("seed"), lime.getParam("sampler")
    first, second, shuffled, other = (
        lime.copy(params).transform(table)["explanation"][0].as_py()
        for params in ({}, {seed: 1}, {sampler: "shuffled"}, {sampler: "shuffled", seed: 1})
    )
    assert first == second == shuffled  # the default draws nothing
    assert first["weights"] != other["weights"]


def test_a_class_the_model_does_not_have_is_the_rows_error(network):
    from irbis import ImageFeaturizer

    model = ImageFeaturizer(cutOutputLayers=0, outputCol="probability").setModel(network)
    lime = ImageLIME(model=model, targetClasses=[5000], numSamples=8, numSegments=4)
    out = lime.transform(pictures.binary_table([pictures.GOOD[0]]))
    assert "1000 classes" in out["explanation_error"][0].as_py()["message"]
