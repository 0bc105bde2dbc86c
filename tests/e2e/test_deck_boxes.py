"""The deck's page "Transferring LIME's Knowledge to FasterRCNN": its two formulas.

mask = union(superpixels | top 70% of weights); x1, y1 = min(mask_x), min(mask_y); x2, y2 = max(...).
"""

import numpy as np
import pyarrow as pa
import pytest

from irbis import BoxesFromWeights
from irbis.explain.explanation import EXPLANATION, Explanation


def explanation(weights, segments, height=100, width=200):
    answer = np.array([0.9]), np.array([weights]), np.zeros(1), np.ones(1)
    return Explanation([1], *answer, 8, height, width, segments)


@pytest.mark.parametrize("seed", range(3))
def test_the_page(seed):
    rng = np.random.default_rng(seed)
    weights = rng.permutation(np.linspace(-1, 1, 10))
    segments = rng.integers(0, 10, (20, 40)).astype(np.uint16)
    segments[:4] = np.argmin(weights)  # a border that the box must leave out
    row = explanation(weights, segments, 20, 40).to_row()
    stage = BoxesFromWeights(rule="deck", label="leopard")
    table = pa.table({"explanation": pa.array([row, None], EXPLANATION)})
    (box,), null = stage.transform(table)["boxes"].to_pylist()
    assert null is None

    top = np.argsort(weights)[-7:]  # 70 % of ten superpixels
    mask_y, mask_x = np.nonzero(np.isin(segments, top))
    x1, y1 = min(mask_x), min(mask_y)
    x2, y2 = max(mask_x), max(mask_y)
    # A box ends behind its last pixel.
    assert (box["xmin"], box["ymin"], box["xmax"], box["ymax"]) == (x1, y1, x2 + 1, y2 + 1)
    assert y1 == 4
    assert box["label"] == "leopard"
