"""The image that `irbis explain` writes."""

import numpy as np
import pytest

import pictures
from irbis.explain.explanation import Explanation
from irbis.explain.figure import figure
from irbis.explain.overlay import AGAINST, FOR


def explained(height, width):
    """Left half for, right half against."""
    segments = np.zeros((20, 20), np.uint16)
    segments[:, 10:] = 1
    return Explanation(
        classes=[1], scores=np.array([0.75]), weights=np.array([[2.0, -2.0]]),
        intercept=np.zeros(1), r2=np.ones(1), forwards=8, height=height, width=width,
        segments=segments,
    )  # fmt: skip


def near(page, colour):
    return (np.abs(page.astype(float) - colour).max(axis=2) < 2).sum()


@pytest.mark.parametrize(("height", "width"), [(30, 40), (40, 30), (700, 900), (5, 400), (400, 5)])
def test_two_panels_a_legend_and_room_for_words(height, width):
    picture = np.full((height, width, 3), 128, np.uint8)
    page = figure(picture, explained(height, width), name="snow leopard", caption="c " * 60)
    assert page.dtype == np.uint8
    # Nothing is cut: a margin of paper all around.
    for edge in (page[:10], page[-10:], page[:, :10], page[:, -10:]):
        assert (edge == 255).all()
    # The colours of the legend, and the picture untinted on the left, tinted half and half.
    assert near(page, FOR) > 100
    assert near(page, AGAINST) > 100
    assert near(page, (128, 128, 128)) > 0.9 * 560 * 560 * min(height, width) / max(height, width)
    for colour in (FOR, AGAINST):
        assert near(page, 128 * 0.35 + colour * 0.65) > 0


def test_it_says_the_class():
    picture, found = pictures.array(30, 40), explained(30, 40)
    assert not np.array_equal(
        figure(picture, found, name="cat"), figure(picture, found, name="dog")
    )
