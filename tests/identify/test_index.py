"""Searching: in parts as in whole, and exactly as by comparing everything."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis.identify.brute import nearest, squared_distances
from irbis.identify.cells import Cells, cell_count, learn_cells
from irbis.identify.keypoints import UNIT, Keypoints
from irbis.identify.known_set import KnownSet
from irbis.identify.scoring import SCORES, matches_of
from irbis.identify.shard import Annotation, Shard, pack

EACH = 40


def _descriptors(seed, count):
    # Few different values: many distances are equal, so that ties are where they could hurt.
    rng = np.random.default_rng(seed)
    return np.repeat(rng.integers(0, 3, (count, 32), dtype=np.uint8) * 60, 4, axis=1)


def _annotation(number):
    geometry = np.random.default_rng(number).random((EACH, 4), np.float32)
    keypoints = Keypoints(geometry, _descriptors(number, EACH), 10, 20, (0.0, 0.0, 1.0, 1.0))
    return Annotation(f"a{number:02}", f"name {number // 2}", None, None, keypoints)


ALL = [_annotation(n) for n in range(24)]
POOL = np.concatenate([a.keypoints.descriptors for a in ALL])


@pytest.fixture(scope="module")
def cells():
    return learn_cells(POOL, 16, seed=0)


@pytest.fixture(scope="module")
def opened(cells, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")

    def shard(annotations):
        paths = folder / f"{annotations[0].annotation}-{len(annotations)}", None
        paths = paths[0].with_suffix(".index"), paths[0].with_suffix(".arrow")
        for path, content in zip(paths, pack(annotations, cells), strict=True):
            path.write_bytes(content)
        return Shard(*paths)

    whole = KnownSet(cells, [shard(ALL)])
    return whole, KnownSet(cells, [shard(ALL[:5]), shard(ALL[5:6]), shard(ALL[6:])])


def _sums(known, query, probes, score, left_out=None):
    found = matches_of(*known.search(query, 4, probes, left_out), score)
    return np.bincount(found.owner, weights=found.weight, minlength=len(ALL))


@given(st.integers(100, 10**6), st.sampled_from([1, 3, 16]), st.sampled_from(SCORES))
def test_shards_answer_as_one_to_the_bit(opened, seed, probes, score):
    query = _descriptors(seed, 20)
    whole, parts = opened
    out = whole.left_out(name=f"name {seed % 12}") if seed % 2 else None
    assert np.array_equal(
        whole.search(query, 4, probes, out)[0], parts.search(query, 4, probes, out)[0]
    )
    assert np.array_equal(
        _sums(whole, query, probes, score, out), _sums(parts, query, probes, score, out)
    )


def test_a_score_of_one_shard_alone_would_be_another(opened):
    query = _descriptors(7, 20)
    whole, parts = opened
    part = KnownSet(parts.cells, parts.shards[:1])
    assert not np.array_equal(
        _sums(part, query, 16, "lnbnn")[:5], _sums(whole, query, 16, "lnbnn")[:5]
    )


def _lnbnn_by_the_book(query, k):
    """Every descriptor with every descriptor, in loops, as the paper writes it."""
    owner = np.repeat(np.arange(len(ALL)), EACH)
    totals = [0.0] * len(ALL)
    for descriptor in query:
        pairs = sorted(
            (int(((descriptor.astype(int) - other.astype(int)) ** 2).sum()), int(who))
            for other, who in zip(POOL, owner, strict=True)
        )
        background = pairs[k][0]
        for distance, who in pairs[:k]:
            if distance < background:
                totals[who] += (background - distance) / UNIT**2
    return totals


@pytest.mark.parametrize("k", [1, 4])
def test_lnbnn_by_the_book_exactly(opened, k):
    query = _descriptors(99, 12)
    for known in opened:
        found = matches_of(*known.search(query, k + 1, probes=99), "lnbnn")
        sums = np.bincount(found.owner, weights=found.weight, minlength=len(ALL))
        assert sums.tolist() == _lnbnn_by_the_book(query, k)


def test_an_exact_search_is_brute_force(opened):
    query = np.random.default_rng(1).integers(0, 180, (30, 128), dtype=np.uint8)
    distances, which = nearest(query, POOL, 5)
    for known in opened:
        found, owners, points = known.search(query, 5, probes=1000)
        assert np.array_equal(found, distances)
        assert np.array_equal(owners * EACH + points, which)


@pytest.mark.parametrize("count", [1, 3, 8, 9, 20])
def test_brute_force_by_looking_again_and_by_sorting(count):
    query, pool = _descriptors(1, 9), POOL[:15]
    distances, which = nearest(query, pool, count)
    pairs = [
        sorted((float(d), n) for n, d in enumerate(row)) for row in squared_distances(query, pool)
    ]
    found = [
        [p for p in zip(d, w, strict=True) if p[1] >= 0]
        for d, w in zip(distances.tolist(), which.tolist(), strict=True)
    ]
    assert found == [row[:count] for row in pairs]
    assert np.isinf(distances[:, 15:]).all()


def test_distances_are_whole_and_exact():
    one = np.full((1, 128), 255, np.uint8)
    none = np.zeros((1, 128), np.uint8)
    assert squared_distances(one, none)[0, 0] == 128 * 255**2


def test_what_is_left_out_is_not_found(opened):
    query = POOL[:EACH]
    for known in opened:
        out = known.left_out(name="name 0", annotation="a05")
        assert sorted(np.flatnonzero(out)) == [0, 1, 5]
        found, owners, _ = known.search(query, 3, 16, out)
        assert not set(owners.ravel()) & {0, 1, 5}
        assert np.isfinite(found).all()
        nobody = known.search(query, 3, 16, np.ones(len(ALL), bool))
        assert np.isinf(nobody[0]).all() and (nobody[1] == -1).all()
        assert len(matches_of(*nobody, "lnbnn").query) == 0


def test_cells_are_read_as_they_were(cells, tmp_path):
    assert cell_count(10**6) > cell_count(10**5) > cell_count(100) == 1
    (tmp_path / "cells").write_bytes(cells.dump())
    again = Cells.read(tmp_path / "cells")
    assert np.array_equal(again.nearest(POOL, 3), cells.nearest(POOL, 3))


def test_a_graph_over_many_cells_is_read_as_it_was(tmp_path):
    """Made again it would be another graph; and it finds the nearest, nearly always."""
    centres = np.random.default_rng(0).integers(0, 60, (1500, 128), dtype=np.uint8)
    some = centres[::7] + np.uint8(1)
    made = Cells.of(centres)
    (tmp_path / "cells").write_bytes(made.dump())
    again = Cells.read(tmp_path / "cells")
    assert np.array_equal(again.nearest(some, 16), made.nearest(some, 16))
    # One by one or all at once, the same cells: a query's answer is its own.
    one_by_one = np.concatenate([again.nearest(some[n : n + 1], 4) for n in range(20)])
    assert np.array_equal(one_by_one, again.nearest(some, 4)[:20])
    truth = nearest(some, centres, 1)[1][:, 0]
    assert (again.nearest(some, 4)[:, 0] == truth).mean() > 0.95
    assert (again.nearest(some, 1)[:, 0] == truth).mean() > 0.8
