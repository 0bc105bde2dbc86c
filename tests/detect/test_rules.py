"""Every rule from weights to a box, on weights where the answer is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis.detect.rules import RULES, box_of, chosen
from irbis.detect.weights_to_boxes import BoxFunction
from irbis.explain.explanation import Explanation

WEIGHTS = np.array([4.0, 3.0, 2.0, 1.0, 0.0, -1.0, -2.0, -3.0, -4.0, -5.0])


@pytest.mark.parametrize(
    ("rule", "fraction", "takes"),
    [
        ("deck", None, 7),  # 70 % of ten superpixels, literally
        ("top_positive", None, 3),  # 70 % of the four positive ones, rounded up
        ("positive", None, 4),
        ("mass", None, 3),  # 4 + 3 = 7 of 10 is short of 8: the third too
        ("mass", 0.7, 2),
        ("percentile", None, 2),
        ("max", None, 3),  # above 1.2
        ("otsu", None, 5),
    ],
)
def test_rules(rule, fraction, takes):
    mask = chosen(WEIGHTS, rule, fraction)
    assert np.flatnonzero(mask).tolist() == list(range(takes))


@given(
    st.lists(st.floats(-5, 5), min_size=1, max_size=20),
    st.sampled_from(sorted(RULES)),
    st.one_of(st.none(), st.floats(0, 1)),
)
def test_rules_take_the_heaviest(weights, rule, fraction):
    weights = np.array(weights)
    mask = chosen(weights, rule, fraction)
    assert mask.shape == weights.shape
    if mask.any() and not mask.all():
        assert weights[mask].min() >= weights[~mask].max()
    if rule in ("positive", "mass", "top_positive", "max"):
        assert not mask[weights <= 0].any()


def test_box_of_the_largest_component():
    mask = np.zeros((10, 12), dtype=bool)
    mask[2:6, 3:9] = True
    mask[9, 11] = True
    assert box_of(mask, largest=True) == (3, 2, 9, 6)
    assert box_of(mask, largest=False) == (3, 2, 12, 10)
    assert box_of(np.zeros((3, 3), bool), largest=True) is None


def explanation(weights):
    segments = np.arange(4, dtype=np.uint16).reshape(2, 2).repeat(5, axis=0).repeat(5, axis=1)
    return Explanation(
        [1], np.array([0.9]), np.array([weights]), np.zeros(1), np.ones(1), 8, 100, 200, segments
    )


def test_boxes_are_in_pixels_of_the_picture():
    make = BoxFunction("e", "b", "positive", None, largest=True, label="cat")
    (box,) = make.boxes(explanation([0.0, 2.0, -1.0, -1.0]))
    assert box == {
        "xmin": 100.0, "ymin": 0.0, "xmax": 200.0, "ymax": 50.0, "label": "cat", "score": 0.9
    }  # fmt: skip
    assert make.boxes(explanation([-1.0, -2.0, 0.0, -1.0])) == []
