"""The lasso, and blocks of samples: against what defines the answer."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis.explain.sampling import fold_over, independent
from irbis.explain.surrogate import SURROGATES, kernel, lasso, ridge

SEEDS = st.integers(0, 2**32)


@given(st.integers(1, 30), st.integers(1, 3), st.sampled_from([0.0, 0.1, 3.0, 50.0]), SEEDS)
def test_the_lasso_meets_the_conditions_of_its_minimum(segments, classes, penalty, seed):
    """Where a weight is not 0 the gradient is the penalty, against its sign; else it is less."""
    kept, rng = independent(segments, 150, seed), np.random.default_rng(seed)
    y = kept @ rng.normal(size=(segments, classes)) + rng.normal(size=(150, classes))
    w = kernel(kept, 0.75)
    fit = lasso(kept, y, w, penalty)
    w = w * 150 / w.sum()
    left = y - kept @ fit.weights.T - fit.intercept
    assert np.abs(w @ left).max() < 1e-6  # the intercept is free
    pull = (kept * w[:, None]).T @ left
    b = fit.weights.T
    assert np.abs(pull - penalty * np.sign(b))[b != 0].max(initial=0) < 1e-6
    assert np.abs(pull[b == 0]).max(initial=0) <= penalty + 1e-6


@given(st.integers(1, 40), st.floats(0, 40), SEEDS)
def test_on_an_orthogonal_design_the_lasso_is_a_soft_threshold(segments, penalty, seed):
    kept, rng = fold_over(segments, 128, seed), np.random.default_rng(seed)
    truth = rng.normal(size=segments)
    fit = lasso(kept, (kept @ truth)[:, None], np.ones(len(kept)), penalty)
    cut = np.sign(truth) * np.maximum(np.abs(truth) - 4 * penalty / len(kept), 0)
    assert np.abs(fit.weights[0] - cut).max() < 1e-9


@pytest.mark.parametrize("name", SURROGATES)
@given(st.integers(1, 63), SEEDS)
def test_without_a_penalty_both_find_an_additive_model(name, segments, seed):
    kept, rng = fold_over(segments, 128, seed), np.random.default_rng(seed)
    truth = rng.normal(size=(segments, 2))
    fit = SURROGATES[name](kept, kept @ truth + [1.0, -2.0], np.ones(len(kept)), 0.0)
    assert np.abs(fit.weights - truth.T).max() < 1e-9
    assert np.abs(fit.intercept - [1, -2]).max() < 1e-9
    assert np.allclose(fit.r2, 1)


def test_the_lasso_leaves_out_what_hardly_matters():
    kept = fold_over(50, 128)
    truth = np.zeros(50)
    truth[[3, 7, 20]] = [2.0, -1.0, 0.5]
    y = kept @ truth + np.random.default_rng(0).normal(0, 0.05, len(kept))
    fit = lasso(kept, y[:, None], kernel(kept, 0.75), 3.0)
    assert np.flatnonzero(fit.weights[0]).tolist() == [3, 7, 20]
    assert (ridge(kept, y[:, None], kernel(kept, 0.75), 3.0).weights != 0).all()


@pytest.mark.parametrize("name", SURROGATES)
def test_superpixels_that_never_change(name):
    fit = SURROGATES[name](np.ones((8, 2), bool), np.arange(8.0)[:, None], np.ones(8), 0.0)
    assert fit.weights.tolist() == [[0.0, 0.0]]
    assert fit.intercept[0] == pytest.approx(3.5)


@given(SEEDS, st.sampled_from([0.0, 2.0]))
def test_blocks_are_the_same_fit(seed, penalty):
    """5000 samples, some blocks of them, against dense weighted least squares."""
    kept, rng = independent(12, 5000, seed), np.random.default_rng(seed)
    y, w = np.tanh(kept @ rng.normal(size=(12, 2))), kernel(kept, 0.75)
    fit = ridge(kept, y, w, penalty)
    x = np.hstack([kept.astype(float), np.ones((5000, 1))])
    scaled = x * (w * 5000 / w.sum())[:, None]
    gram = scaled.T @ x + np.diag([penalty] * 12 + [0.0])
    solved = np.linalg.solve(gram, scaled.T @ y)
    assert np.abs(fit.weights - solved[:-1].T).max() < 1e-6
    assert np.abs(fit.intercept - solved[-1]).max() < 1e-6
    left = y - x @ solved
    r2 = 1 - (w @ left**2) / (w @ (y - w @ y / w.sum()) ** 2)
    assert np.allclose(fit.r2, r2)


def test_a_fit_needs_no_copy_of_all_samples():
    kept = independent(50, 50_000)
    y, w = kept[:, :1] * 1.0, np.ones(50_000)
    tracemalloc.start()
    ridge(kept, y, w, 1.0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 << 20  # the masks as numbers would be 20 MB, and were there three times
