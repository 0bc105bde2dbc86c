"""What scores mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis.identify.calibration import Calibration, calibrate, probability, unknown_threshold

DEFAULT = Calibration(2.0, 0.0, 1.0, "built in")


@given(st.integers(0, 1000))
def test_the_rate_is_kept_by_unknowns_of_the_same_kind(seed):
    rng = np.random.default_rng(seed)
    rates = []
    for _ in range(40):
        threshold, _ = unknown_threshold(rng.gumbel(1, 0.3, 60).tolist(), 0.05)
        rates.append((rng.gumbel(1, 0.3, 2000) > threshold).mean())
    assert np.mean(rates) < 0.07


def test_few_unknowns_get_a_tail_and_never_less_than_was_seen():
    scores = [0.1, 0.2, 0.15, 0.3, 0.12, 0.4, 0.2, 0.1]
    threshold, says = unknown_threshold(scores, 0.01)
    assert threshold > 0.4 and says == "Gumbel, 8 unknowns"
    assert unknown_threshold([0.0] * 20, 0.01)[0] == 0


def test_probabilities_follow_the_scores():
    rng = np.random.default_rng(0)
    found = calibrate(rng.gamma(6, 1, 200).tolist(), rng.gamma(1, 0.2, 200).tolist(), 0.05, DEFAULT)
    values = [probability(s, found.slope, found.intercept) for s in (0.0, 0.1, 0.5, 1, 3, 6)]
    assert values == sorted(values)
    assert values[0] < 0.05 and values[-1] > 0.95


def test_calibrated_means_that_shares_agree():
    rng = np.random.default_rng(1)
    same, other = np.exp(rng.normal(1, 1, 3000)), np.exp(rng.normal(-1, 1, 3000))
    found = calibrate(same[:1500].tolist(), other[:1500].tolist(), 0.05, DEFAULT)
    scores = np.concatenate([same[1500:], other[1500:]])
    p = np.array([probability(s, found.slope, found.intercept) for s in scores])
    truth = np.arange(3000) < 1500
    for low, high in ((0.1, 0.3), (0.4, 0.6), (0.7, 0.9)):
        some = (p >= low) & (p < high)
        assert truth[some].mean() == pytest.approx(p[some].mean(), abs=0.07)


def test_too_little_keeps_what_is_built_in():
    found = calibrate([1.0], [0.1], 0.05, DEFAULT)
    assert (found.slope, found.threshold) == (2.0, 1.0)
    assert "too few" in found.says
