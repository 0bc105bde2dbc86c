"""The designs: what each promises, and what follows for the weights."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis.explain.sampling import SAMPLERS, antithetic, fold_over, independent
from irbis.explain.surrogate import kernel, ridge

SEGMENTS = st.integers(1, 60)
SEEDS = st.integers(0, 2**63 - 1)


@pytest.mark.parametrize("name", SAMPLERS)
@given(SEGMENTS, st.integers(2, 200), SEEDS)
def test_every_design(name, segments, samples, seed):
    design = SAMPLERS[name](segments, samples, seed)
    assert design.dtype == bool
    assert design.shape[1] == segments and len(design) >= samples
    assert design[0].all()  # the picture itself: its score is reported
    assert np.array_equal(design, SAMPLERS[name](segments, samples, seed))


def by_doubling(segments, samples, seed):
    """The fold-over design as the textbook builds it."""
    order = 1
    while order < segments + 1 or 2 * order < samples:
        order *= 2
    h = np.ones((1, 1), dtype=np.int8)
    while len(h) < order:
        h = np.block([[h, h], [h, -h]])
    columns = np.random.default_rng(seed).permutation(np.arange(1, order))[:segments]
    return np.concatenate([h[:, columns] > 0, h[:, columns] < 0])


@given(SEGMENTS, st.integers(2, 600), SEEDS)
def test_the_fold_over_is_sylvesters(segments, samples, seed):
    made = fold_over(segments, samples, seed)
    assert np.array_equal(made, by_doubling(segments, samples, seed))
    assert made.flags.f_contiguous  # the last bits of every fit since the first depend on it


def test_a_large_design_needs_no_matrix_of_its_square():
    tracemalloc.start()
    fold_over(50, 10_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 << 20  # the matrix alone would be 64 MB


@given(SEGMENTS, st.integers(1, 100), SEEDS)
def test_pairs(segments, pairs, seed):
    design = antithetic(segments, 2 * pairs, seed)
    assert len(design) == 2 * pairs
    assert (design[:pairs] ^ design[pairs:]).all()


@given(st.integers(1, 63), st.sampled_from([0.25, 0.75, 5.0]), SEEDS)
def test_an_additive_model_is_recovered_exactly_from_128_calls(segments, width, seed):
    rng = np.random.default_rng(seed)
    truth, constant = rng.normal(size=(segments, 3)), rng.normal(size=3)
    kept = fold_over(segments, 128, seed)
    assert len(kept) == 128
    fit = ridge(kept, kept @ truth + constant, kernel(kept, width), 0.0)
    assert np.abs(fit.weights - truth.T).max() < 1e-9
    assert np.abs(fit.intercept - constant).max() < 1e-9


@given(st.integers(2, 12), SEEDS)
def test_pair_interactions_do_not_disturb_a_fold_over(segments, seed):
    """Main effects at unit weights: half of what pairs add goes to each of their two, no more."""
    rng = np.random.default_rng(seed)
    main = rng.normal(size=segments)
    pairs = np.triu(rng.normal(size=(segments, segments)), 1)
    kept = fold_over(segments, 64, seed)
    y = kept @ main + np.einsum("ni,ij,nj->n", kept.astype(float), pairs, kept.astype(float))
    fit = ridge(kept, y[:, None], np.ones(len(kept)), 0.0)
    assert np.allclose(fit.weights[0], main + (pairs.sum(axis=0) + pairs.sum(axis=1)) / 2)


@given(st.integers(1, 20), st.sampled_from([0.0, 1.0, 10.0]), SEEDS)
def test_the_published_form_is_dense_weighted_least_squares(segments, penalty, seed):
    """Independent draws and the published kernel, against the normal equations written out."""
    kept = independent(segments, 300, seed)
    rng = np.random.default_rng(seed)
    y = np.tanh(kept @ rng.normal(size=(segments, 2))) + 0.1 * rng.normal(size=(300, 2))
    distance = np.sqrt((~kept).sum(axis=1) / segments)
    w = np.sqrt(np.exp(-(distance**2) / 0.75**2))
    fit = ridge(kept, y, kernel(kept, 0.75), penalty)
    x = np.hstack([kept.astype(float), np.ones((300, 1))])
    scaled = np.diag(w * 300 / w.sum())
    ridge_of = np.diag([penalty] * segments + [0.0])
    solved = np.linalg.inv(x.T @ scaled @ x + ridge_of) @ x.T @ scaled @ y
    assert np.abs(fit.weights - solved[:-1].T).max() < 1e-6
    assert np.abs(fit.intercept - solved[-1]).max() < 1e-6
