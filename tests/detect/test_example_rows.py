"""Rows of a table as examples: classes, regions that teach nothing, weights."""

import numpy as np
import pyarrow as pa
import pytest

import pictures
from irbis.detect.example_rows import rows_to_examples
from irbis.schema import DETECTIONS


def box(label, score, low=4.0):
    return {"xmin": low, "ymin": 4.0, "xmax": 40.0, "ymax": 30.0, "label": label, "score": score}


@pytest.fixture
def table():
    good = pictures.encoded(48, 64, 1)
    listed = [
        [box("cat", 0.5), box("maybe", 0.1, 8.0), box("tree", 0.9), box("dog", None)],
        [],
        [box("cat", 1.0)],
    ]
    return pa.table(
        {
            "image": pa.array([good, good, b"broken"], pa.binary()),
            "found": pa.array(listed, DETECTIONS),
        }
    )


def test_labels_regions_and_weights(table):
    first, empty = rows_to_examples(
        table, "image", "found", ["dog", "cat"], ["maybe"], weighted=True
    )
    assert first.picture.shape == (48, 64, 3)
    assert first.labels.tolist() == [2, 1]  # in the order of the boxes
    np.testing.assert_allclose(first.weights, [0.5, 1.0])  # no score: fully
    np.testing.assert_allclose(first.boxes[0], [4, 4, 40, 30])
    np.testing.assert_allclose(first.ignore, [[8, 4, 40, 30]])
    assert empty.boxes.shape == empty.ignore.shape == (0, 4) and len(empty.weights) == 0


def test_without_weights(table):
    first = rows_to_examples(table, "image", "found", ["cat"], [], weighted=False)[0]
    assert first.weights is None and first.labels.tolist() == [1] and not len(first.ignore)
