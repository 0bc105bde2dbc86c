"""Intervals by drawing pictures again, and what else is counted from matches."""

from __future__ import annotations

import numpy as np
import pytest

from irbis.detect.bootstrap import interval, intervals, ratio_interval
from irbis.detect.evaluate import evaluate, wilson_interval

TRUE = np.array([[0, 0, 10, 10.0]])
ONE = np.ones(1)


def pictures(right: int, wrong: int) -> tuple[list, list]:
    found = [(TRUE, ONE)] * right + [(TRUE + 50, ONE)] * wrong
    return found, [TRUE] * (right + wrong)


def test_the_interval_of_a_share_is_about_wilsons() -> None:
    found, true = pictures(30, 10)
    low, high = intervals(found, true, ["corloc"], draws=2000)["corloc"]
    assert (low, high) == pytest.approx(wilson_interval(30, 40), abs=0.03)
    assert intervals(found, true, ["corloc"], draws=50) == intervals(
        found, true, ["corloc"], draws=50
    )


def test_a_wider_level_is_wider_and_certainty_has_no_width() -> None:
    found, true = pictures(10, 10)
    wide = intervals(found, true, ["ap50"], level=0.99)["ap50"]
    narrow = intervals(found, true, ["ap50"], level=0.5)["ap50"]
    assert wide[0] < narrow[0] <= narrow[1] < wide[1]
    sure = intervals(*pictures(8, 0))
    assert set(sure.values()) == {(1.0, 1.0)}


def test_a_ratio_is_drawn_on_the_same_pictures() -> None:
    found, true = pictures(10, 10)
    # Both sides are right and wrong on the same pictures: their ratio is no matter of chance.
    assert ratio_interval(found, found, true, draws=100) == (1.0, 1.0)
    other = [(TRUE, ONE)] * 20
    low, high = ratio_interval(found, other, true)
    assert low < high < 1


def test_what_can_not_be_counted_is_left_out() -> None:
    assert np.isnan(interval(lambda places: float("nan"), 5, draws=10)).all()
    low, high = interval(lambda places: float(places.mean()), 5, draws=500)
    assert 0 <= low < 2 < high <= 4


def test_recall_at_false_alarms_counts_every_picture() -> None:
    true = [TRUE, TRUE, np.zeros((0, 4)), np.zeros((0, 4))]
    off = TRUE + 50
    found = [
        (np.vstack([TRUE, off]), np.array([0.9, 0.8])),
        (TRUE, np.array([0.3])),
        (off, np.array([0.5])),
        (np.zeros((0, 4)), np.zeros(0)),
    ]
    # By score: right .9, wrong .8, wrong .5, right .3: two false finds in four pictures.
    got = evaluate(found, true).recalls
    assert got == {0.01: 0.5, 0.1: 0.5, 0.5: 1.0}
    # A false find of the same score can't be told apart: neither is kept.
    tied = [(TRUE, np.array([0.5])), *found[1:3], found[3]]
    assert evaluate(tied, true).recalls == {0.01: 0.0, 0.1: 0.0, 0.5: 1.0}


def test_nothing_found_is_a_recall_of_nothing() -> None:
    none = (np.zeros((0, 4)), np.zeros(0))
    assert set(evaluate([none], [TRUE]).recalls.values()) == {0.0}
    assert np.isnan(list(evaluate([none], [TRUE[:0]]).recalls.values())).all()
