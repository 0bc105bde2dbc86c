"""Figures of one way, and whether another is better: against what is counted by hand."""

import numpy as np
import pytest

from irbis.detect.answers import area_under_roc
from irbis.study import comparing
from irbis.study.comparing import Scored, compare, mcnemar


def scored(labels, scores, groups=None):
    labels = np.array(labels, float)
    return Scored(labels, np.array(scores, float), groups or [str(i) for i in range(len(labels))])


def test_figures_are_counted():
    found = scored([0, 0, 0, 1, 1], [0.1, 0.2, 0.9, 0.8, 0.4]).all()
    assert found["confusion"] == [[2, 1], [1, 1]]
    assert found["accuracy"]["value"] == pytest.approx(0.6)
    assert found["recall"]["value"] == pytest.approx(0.5)
    assert found["false_alarms"]["value"] == pytest.approx(1 / 3)
    low, high = found["accuracy"]["interval"]
    assert 0.2 < low < 0.6 < high < 0.95


def test_areas_of_draws_are_those_of_the_pictures_repeated():
    rng = np.random.default_rng(0)
    labels, scores = rng.integers(0, 2, 40), rng.integers(0, 9, 40) / 9  # with ties
    way = scored(labels, scores, [str(i // 2) for i in range(40)])
    weights = comparing._weights(way.groups, 0)[:20]
    assert (weights[:, ::2] == weights[:, 1::2]).all()  # look-alikes are drawn together
    for drawn, area in zip(weights, comparing._areas(way, weights), strict=True):
        again = np.repeat(np.arange(40), drawn.astype(int))
        assert area == pytest.approx(area_under_roc(labels[again], scores[again]))


def test_what_is_better_is_said_to_help_and_what_is_the_same_is_not():
    labels = [0, 1] * 100
    good = scored(labels, [0.1, 0.9] * 100)
    poor = scored(labels, [0.1, 0.9, 0.9, 0.1] * 50)
    found = compare(poor, good)
    assert found["accuracy"]["value"] == pytest.approx(0.5)
    assert found["accuracy"]["says"] == "helps"
    assert found["mcnemar"] == {"only_first": 0, "only_second": 100, "p": pytest.approx(2**-99)}
    assert compare(good, poor)["accuracy"]["says"] == "harms"
    same = compare(good, good)
    assert same["accuracy"]["says"] == same["auc"]["says"] == "no difference shown"
    assert same["mcnemar"]["p"] == 1.0


def test_mcnemar_is_the_exact_binomial():
    # 2 of 10 pairs that differ, two-sided: 2 * (1 + 10 + 45) / 1024
    first = np.array([1.0] * 2 + [0.0] * 8 + [1.0] * 5)
    second = np.array([0.0] * 2 + [1.0] * 8 + [1.0] * 5)
    assert mcnemar(first, second) == {
        "only_first": 2,
        "only_second": 8,
        "p": pytest.approx(0.109375),
    }


def test_one_class_alone_has_no_area():
    found = scored([0, 0], [0.1, 0.2]).all()
    assert np.isnan(found["auc"]["value"])
    assert found["recall"]["value"] is None
