"""A second detector learns from what the first says of its boxes, and has to show that it is better."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis.detect.catalog import Catalog
from irbis.detect.outcome import Found
from irbis.detect.pseudo import PseudoBox, PseudoBoxes
from irbis.detect.self_training import agreement_with, relabelled, verdict

THERE = np.array([[10, 10, 60, 60]], np.float32)
AWAY = np.array([[70, 70, 95, 95]], np.float32)


def found(boxes, *scores):
    return Found(np.asarray(boxes, np.float32), np.array(scores, np.float32), ["cat"] * len(scores))


NOTHING = found(np.zeros((0, 4)))


def test_where_both_see_a_thing_its_box_is_the_mean_of_theirs():
    both = relabelled(THERE, THERE + 4, np.array([0.9]))
    assert both.boxes.tolist() == (THERE + 2).tolist()
    assert not len(both.ignore)


def test_what_only_the_detector_is_sure_of_is_added():
    seen = np.concatenate([THERE, AWAY, AWAY - 40])
    both = relabelled(THERE, seen, np.array([0.9, 0.6, 0.4]))
    assert both.boxes.tolist() == [*THERE.tolist(), *AWAY.tolist()]


def test_what_the_detector_does_not_see_teaches_nothing():
    both = relabelled(THERE, AWAY, np.array([0.9]))
    assert both.boxes.tolist() == AWAY.tolist()
    assert both.ignore.tolist() == THERE.tolist()


def test_a_picture_in_which_the_detector_is_sure_of_nothing_stays_as_it_is():
    unsure = relabelled(THERE, AWAY, np.array([0.3]))
    assert unsure.boxes.tolist() == THERE.tolist()
    assert not len(unsure.ignore)


corners = st.lists(st.integers(0, 80), min_size=2, max_size=2)


@given(st.lists(corners, max_size=5), st.lists(corners, max_size=5), st.integers(0, 2**16))
def test_no_box_of_the_localizer_is_lost(guessed, seen, seed):
    first, second = (
        np.array([[x, y, x + 15, y + 15] for x, y in boxes], np.float32).reshape(-1, 4)
        for boxes in (guessed, seen)
    )
    scores = np.random.default_rng(seed).random(len(second))
    both = relabelled(first, second, scores)
    sure = int((scores >= 0.5).sum())
    assert len(first) <= len(both.boxes) + len(both.ignore) <= len(first) + sure
    assert (both.boxes[:, 2:] > both.boxes[:, :2]).all()


@pytest.fixture
def sides():
    """A held-out target, one that the classifier doubts, and another thing."""
    rows = [
        {"path": path, "label": label, "sha256": path, "held_out": True, "fold": 0}
        for path, label in (("cat", 1.0), ("doubted", 1.0), ("dog", 0.0))
    ]
    one = np.ones(1, np.float32)
    boxes = {
        path: PseudoBox(path, 100, 100, THERE, one, score)
        for path, score in (("cat", 0.9), ("doubted", 0.2))
    }
    return Catalog(None, rows, []), PseudoBoxes(boxes, [], [], {})


def test_the_measure_takes_the_localizers_boxes_for_true_ones(sides):
    catalog, pseudo = sides
    right = {"cat": found(THERE, 0.9), "doubted": NOTHING, "dog": NOTHING}
    assert agreement_with(pseudo, right, catalog) == pytest.approx(1.0)
    # A find in a picture of something else is wrong, and worse if it is surer.
    fooled = right | {"dog": found(THERE, 0.95)}
    assert agreement_with(pseudo, fooled, catalog) == pytest.approx(0.5)
    # Of a picture that the classifier doubts nobody says what is right.
    assert agreement_with(pseudo, right | {"doubted": found(AWAY, 1.0)}, catalog) == 1.0


def test_the_second_detector_is_kept_only_if_it_agrees_better(sides):
    catalog, pseudo = sides
    good = {"cat": found(THERE, 0.9), "doubted": NOTHING, "dog": NOTHING}
    bad = good | {"cat": found(AWAY, 0.9)}
    assert verdict(pseudo, bad, good, catalog).kept
    assert not verdict(pseudo, good, bad, catalog).kept
    assert not verdict(pseudo, good, good, catalog).kept
    assert not verdict(PseudoBoxes({}, [], [], {}), good, good, catalog).kept
    assert verdict(pseudo, bad, good, catalog).row() == {
        "kept": True, "first_agreement": 0.0, "second_agreement": pytest.approx(1.0)
    }  # fmt: skip
