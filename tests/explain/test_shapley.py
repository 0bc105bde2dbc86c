"""Kernel SHAP: equal to Shapley values by their definition, exact where the model is additive."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis.explain.coalitions import coalitions
from irbis.explain.shapley import shapley


def by_definition(game, parts):
    """Mean gain of a part over all orders in which parts can come."""
    orders = list(permutations(range(parts)))
    found = np.zeros(parts)
    for order in orders:
        kept = np.zeros((parts + 1, parts), dtype=bool)
        for step, part in enumerate(order):
            kept[step + 1 :, part] = True
        found[list(order)] += np.diff(game(kept)[:, 0])
    return found / len(orders)


def game_of(parts, seed):
    worth = np.random.default_rng(seed).normal(size=2**parts)
    return lambda kept: worth[(kept * 2 ** np.arange(parts)).sum(axis=1)][:, None]


@given(st.integers(1, 6), st.integers(0, 999))
def test_all_coalitions_give_shapley_values(parts, seed):
    game = game_of(parts, seed)
    kept, weights = coalitions(parts, 64)
    assert len(np.unique(kept, axis=0)) == len(kept) == 2**parts
    fit = shapley(kept, game(kept), weights)
    assert np.allclose(fit.weights[0], by_definition(game, parts), atol=1e-9)


@given(st.integers(1, 40), st.integers(2, 300), st.integers(0, 9))
def test_exact_where_the_model_is_additive(parts, samples, seed):
    truth = np.random.default_rng(seed).normal(size=(parts, 2))
    kept, weights = coalitions(parts, samples, seed)
    fit = shapley(kept, kept @ truth + [3.0, -1.0], weights)
    assert np.allclose(fit.weights, truth.T)
    assert np.allclose(fit.intercept, [3, -1])
    assert np.allclose(fit.r2, 1)


@given(st.integers(1, 30), st.integers(2, 200), st.integers(0, 9))
def test_the_sum_is_what_the_model_gains(parts, samples, seed):
    kept, weights = coalitions(parts, samples, seed)
    values = np.random.default_rng(seed).normal(size=(len(kept), 3)) * 100
    fit = shapley(kept, values, weights)
    assert np.allclose(fit.weights.sum(axis=1), values[0] - values[1])
    assert np.array_equal(fit.intercept, values[1])


@given(st.integers(1, 40), st.integers(2, 400), st.integers(0, 9))
def test_coalitions(parts, samples, seed):
    kept, weights = coalitions(parts, samples, seed)
    assert kept[0].all()
    assert not kept[1].any()
    whole = 2**parts <= max(samples, 2 * parts + 2)
    assert len(kept) == 2**parts or (not whole and abs(len(kept) - max(samples, 2 * parts + 2)) < 2)
    assert len(weights) == len(kept) - 2
    assert (weights > 0).all()
    sizes = kept[2:].sum(axis=1)
    assert ((sizes > 0) & (sizes < parts)).all()
    # Every part alone, and all but it; and each size has the weight of its complement.
    assert len(np.unique(kept[2:][sizes == 1], axis=0)) == (parts if parts > 1 else 0)
    for size in range(1, parts):
        assert np.isclose(weights[sizes == size].sum(), weights[sizes == parts - size].sum())
    assert np.array_equal(kept, coalitions(parts, samples, seed)[0])


def test_sampling_comes_close():
    game, parts = game_of(8, 3), 8
    kept, weights = coalitions(parts, 2**parts)
    exact = shapley(kept, game(kept), weights).weights[0]
    errors = []
    for samples in (40, 160):
        runs = [coalitions(parts, samples, seed) for seed in range(8)]
        found = [shapley(k, game(k), w).weights[0] for k, w in runs]
        errors.append(float(np.mean([np.abs(f - exact).mean() for f in found])))
    assert errors[1] < errors[0] < np.abs(exact).mean() * 2


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_a_model_that_always_says_the_same(parts):
    kept, weights = coalitions(parts, 64)
    fit = shapley(kept, np.full((len(kept), 1), 0.1), weights)
    assert np.allclose(fit.weights, 0)
    assert fit.r2.tolist() == [0.0]
