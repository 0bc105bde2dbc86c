"""The kit that judges explanations: right on models whose truth is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from irbis.explain.adaptive import rank_agreement, until_stable
from irbis.explain.faithfulness import deletion_auc, held_out_r2, insertion_auc, top_k_jaccard
from irbis.explain.surrogate import ridge

WEIGHTS = arrays(np.float64, st.integers(2, 30), elements=st.floats(-10, 10))


def additive(truth):
    return lambda kept: kept.reshape(len(kept), -1) @ truth.reshape(-1)


@given(WEIGHTS, st.integers(1, 40), st.randoms(use_true_random=False))
def test_no_order_beats_the_true_one(truth, steps, random):
    other = np.array(random.sample(range(len(truth)), len(truth)), dtype=float)
    score = additive(truth)
    assert deletion_auc(score, truth, steps) <= deletion_auc(score, other, steps) + 1e-9
    assert insertion_auc(score, truth, steps) >= insertion_auc(score, other, steps) - 1e-9


def test_areas_worked_by_hand():
    truth = np.array([4.0, 2.0, 1.0, 1.0])
    # Hidden 4, 2, 1, 1 in turn: 8, 4, 2, 1, 0.
    assert deletion_auc(additive(truth), truth, 4) == pytest.approx((4 + 4 + 2 + 1) / 4)
    assert insertion_auc(additive(truth), truth, 4) == pytest.approx((0 + 4 + 6 + 7 + 4) / 4)
    worst = -truth
    assert deletion_auc(additive(truth), worst, 4) > deletion_auc(additive(truth), truth, 4)


def test_maps_of_pixels_count_as_well():
    truth = np.arange(12.0).reshape(3, 4)
    seen = []

    def score(kept):
        seen.append(kept.shape)
        return additive(truth)(kept)

    assert deletion_auc(score, truth, 6) < insertion_auc(score, truth, 6)
    assert seen == [(7, 3, 4)] * 2


@given(WEIGHTS, st.floats(-5, 5), st.integers(0, 9))
def test_held_out_r2(truth, constant, seed):
    def score(kept):
        return kept @ truth + constant

    r2 = held_out_r2(score, truth, constant, 50, seed)
    assert r2 == pytest.approx(1.0) or np.ptp(score(np.eye(len(truth)) > 0)) < 1e-6
    # No better than a constant, if it is the right constant.
    if np.abs(truth).max() > 0.1:
        assert held_out_r2(score, 0 * truth, constant + truth.sum() / 2, 50, seed) < 0.1
    assert held_out_r2(lambda kept: np.full(len(kept), 3.0), truth, constant) == 0.0


def test_an_overfit_is_seen():
    """As many weights as samples fit noise perfectly; masks held out say so."""
    rng = np.random.default_rng(0)
    noise = {}

    def score(kept):
        return np.array([noise.setdefault(k.tobytes(), rng.normal()) for k in kept])

    kept = rng.random((21, 20)) < 0.5
    fit = ridge(kept, score(kept)[:, None], np.ones(21), 0.0)
    assert fit.r2[0] > 0.99
    assert held_out_r2(score, fit.weights[0], fit.intercept[0]) < 0


def test_jaccard():
    runs = [np.array([5.0, 4, 0, 0]), np.array([4.0, 5, 0, 0]), np.array([5.0, 0, 4, 0])]
    assert top_k_jaccard(runs[:2], 2) == 1.0
    assert top_k_jaccard(runs, 2) == pytest.approx((1 + 1 / 3 + 1 / 3) / 3)
    assert top_k_jaccard(runs, 4) == 1.0


def fit(kept, values):
    return ridge(kept, values, np.ones(len(kept)), 0.0)


def test_adaptive_stops_at_once_where_the_model_is_additive():
    truth = np.random.default_rng(1).normal(size=(30, 2))
    scores, found = until_stable(lambda kept: kept @ truth, fit, 30, 10_000, 1.0)
    assert len(scores) == 128  # two rounds of 64
    assert np.allclose(found.weights, truth.T)


def test_adaptive_goes_on_where_it_is_not_and_stops_at_the_limit():
    rng = np.random.default_rng(1)

    def noisy(kept):
        return kept @ np.full((30, 1), 0.01) + rng.normal(size=(len(kept), 1))

    scores, _ = until_stable(noisy, fit, 30, 1000, 0.999)
    assert len(scores) == 15 * 64  # a sixteenth round would be 1024
    few, _ = until_stable(noisy, fit, 30, 2, 0.999)
    assert len(few) == 64


@pytest.mark.parametrize("segments", [1, 2, 3])
def test_adaptive_with_hardly_any_parts(segments):
    scores, found = until_stable(lambda k: k.sum(axis=1)[:, None] * 2.0, fit, segments, 99, 0.95)
    assert np.allclose(found.weights, 2.0)
    assert np.allclose(scores[0], 2.0 * segments)


def test_agreement_of_ranks():
    rise = np.arange(5.0)
    assert rank_agreement(rise, rise**3) == pytest.approx(1)
    assert rank_agreement(rise, np.ones(5)) == 0
    assert rank_agreement(np.ones(5), np.zeros(5)) == 1
