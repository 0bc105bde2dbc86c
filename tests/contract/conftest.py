import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(Path(__file__).parent), str(TESTS), str(TESTS / "model")]


@pytest.fixture(scope="session")
def detector():
    """A detector that was really trained, if only for a moment."""
    import numpy as np

    from irbis import FasterRCNN
    from irbis.image.codec import decode
    from irbis.samples import PETS

    paths = sorted((PETS / "cats").iterdir())[:4]
    seen = [decode(p.read_bytes()) for p in paths]
    boxes = [np.array([[20, 20, p.shape[1] - 20, p.shape[0] - 20]], np.float32) for p in seen]
    learner = FasterRCNN(labels=["cat"], iterations=3, batchSize=2, longSide=160)
    return learner.fit_rows(seen, boxes, [np.ones(1, np.int64)] * 4)


@pytest.fixture(scope="session")
def service():
    """A web service for the stages that call out."""
    from irbis.testing import fake_service

    with fake_service() as running:
        yield running
