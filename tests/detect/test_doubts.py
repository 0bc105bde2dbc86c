"""Labels that the classifier doubts, and pictures that look alike: on one side of every split."""

import numpy as np
import pytest

from irbis.detect.catalog import Catalog
from irbis.detect.consensus import alike, consensus
from irbis.detect.doubts import doubts
from irbis.detect.holdout import FOLDS, fold
from irbis.detect.pseudo import BOXES, PseudoBoxes, box_row
from irbis.detect.typical import typical


def row(name, label, held_out=False):
    return {"path": f"/p/{name}.jpg", "label": label, "sha256": name, "held_out": held_out}


@pytest.fixture
def catalog():
    return Catalog(None, [row("a", 1.0), row("b", 1.0), row("c", 0.0), row("d", 0.0)], [])


def test_doubts_are_where_answer_and_label_differ(catalog):
    found = doubts(catalog, {"a": 0.1, "b": 0.9, "c": 0.7, "d": 0.2})
    assert found.targets == [("/p/a.jpg", 0.1)]
    assert found.others == [("/p/c.jpg", 0.7)]
    assert doubts(catalog, {}).targets == []


def test_what_is_doubted_is_not_trained_on(catalog):
    import pyarrow as pa

    box = {"xmin": 10, "ymin": 10, "xmax": 60, "ymax": 60, "score": 0.9}
    tiny = {"xmin": 0, "ymin": 0, "xmax": 3, "ymax": 3, "score": 0.4}
    rows = [box_row(sha, 100, 100, [box, tiny], None, 0.8) for sha in "ab"]
    table = pa.Table.from_pylist(rows, schema=BOXES)
    found = PseudoBoxes.of(catalog, table, {"a": 0.1, "b": 0.9}, {}, [], {})
    assert [b.path for b in found.used] == ["/p/b.jpg"]
    # Of it only the box of a likely size.
    assert found.used[0].good.tolist() == [True, False]
    assert found.used[0].scores == pytest.approx([0.9, 0.4])
    assert found.agreement == pytest.approx(0.8)
    failed = box_row("b", None, None, None, {"kind": "decode", "message": "no"})
    broken = PseudoBoxes.of(
        catalog, pa.Table.from_pylist([failed], schema=BOXES), {"b": 0.9}, {}, [], {}
    )
    assert broken.failures == [("/p/b.jpg", "decode", "no")]
    assert broken.used == []


def test_folds_are_about_equal_and_go_by_the_group():
    counts = np.bincount([fold(f"{i:016x}") for i in range(300)], minlength=FOLDS)
    assert counts.min() > 70
    assert fold("00ff") == fold("00ff")


def test_unrelated_pictures_end_at_the_bottom():
    """Three in ten are of other things, and unlike each other or all alike."""
    rng = np.random.default_rng(0)
    others = rng.normal(size=(200, 60))
    kind = 2 * rng.normal(size=60)
    right = kind + rng.normal(size=(70, 60))
    for wrong in (
        2 * rng.normal(size=60) + rng.normal(size=(30, 60)),
        2 * rng.normal(size=(30, 60)),
    ):
        scores = consensus(np.concatenate([right, wrong]), others)
        assert (scores[:70, None] > scores[None, 70:]).mean() > 0.99
        assert alike(scores)[:70].mean() > 0.9
    assert len(consensus(right[:2], others[:1])) == 2


def test_the_typical_are_found_among_kept_features(tmp_path):
    """From the folder that the features step leaves: two rows a content, in any order."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    kind = 3 * rng.normal(size=20)
    names = [f"{i:02}" for i in range(30)]
    rows = [row(n, float(i < 15)) for i, n in enumerate(names)]
    centres = {n: kind if i < 14 else -kind if i == 14 else 0 * kind for i, n in enumerate(names)}
    twice = rng.permutation(names * 2).tolist()
    values = [(centres[n] + rng.normal(size=20)).astype(np.float32) for n in twice]
    (tmp_path / "features").mkdir()
    table = pa.table({"sha256": twice, "features": values})
    pq.write_table(table, tmp_path / "features" / "part.parquet")
    unseen = dict.fromkeys(names, 0.9) | {"03": 0.2}
    found = typical(Catalog(None, rows, []), tmp_path, unseen)
    # Not the one that is doubted, and not the one that is unlike the rest.
    assert found == set(names[:14]) - {"03"}
