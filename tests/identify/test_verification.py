"""What is planted is found, what is chance is not."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from irbis.identify.verification import Verification, inliers

RULES = Verification()


def _chance(rng, count):
    return np.column_stack(
        [
            rng.uniform(0, 500, count),
            rng.uniform(0, 300, count),
            np.exp(rng.uniform(1, 3, count)),
            rng.uniform(0, 2 * np.pi, count),
        ]
    ).astype(np.float32)


@given(st.integers(0, 10**6), st.floats(-3.1, 3.1), st.floats(0.7, 1.4))
def test_twenty_true_matches_among_three_hundred(seed, angle, zoom):
    rng = np.random.default_rng(seed)
    query, known = _chance(rng, 300), _chance(rng, 300)
    turn = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    known[:20, :2] = query[:20, :2] @ turn.T + [40, 60] + rng.normal(0, 1, (20, 2))
    known[:20, 2] = query[:20, 2] * zoom
    known[:20, 3] = (query[:20, 3] + angle) % (2 * np.pi)
    found = inliers(query, known, np.ones(300), 583.0, RULES)
    assert len(set(range(20)) & set(found.tolist())) >= 18
    assert len(found) <= 26


@given(st.integers(0, 10**6))
def test_chance_agrees_in_a_handful_at_most(seed):
    rng = np.random.default_rng(seed)
    assert len(inliers(_chance(rng, 150), _chance(rng, 150), np.ones(150), 583.0, RULES)) < 10


def test_one_point_is_counted_once():
    rng = np.random.default_rng(0)
    points = np.repeat(_chance(rng, 10), 5, axis=0)
    found = inliers(points, points, np.ones(50), 583.0, RULES)
    assert len(found) == 10


def test_nothing_fits_nothing():
    empty = np.zeros((0, 4), np.float32)
    assert len(inliers(empty, empty, np.zeros(0), 500.0, RULES)) == 0
    one_place = np.tile(np.float32([[5, 5, 3, 0]]), (9, 1))
    assert len(inliers(one_place, one_place, np.ones(9), 500.0, RULES)) == 0
