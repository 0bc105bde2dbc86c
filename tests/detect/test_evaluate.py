"""Average precision against pycocotools; CorLoc and intervals against values worked out by hand."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irbis.detect.evaluate import centre_box, evaluate, iou_matrix, wilson_interval

Picture = tuple[np.ndarray, np.ndarray, np.ndarray]  # predicted, scores, true
EMPTY = np.zeros((0, 4))


def by_pycocotools(pictures: list[Picture]) -> tuple[float, ...]:
    coco = pytest.importorskip("pycocotools.coco")
    cocoeval = pytest.importorskip("pycocotools.cocoeval")
    images = [{"id": i} for i in range(1, len(pictures) + 1)]
    with contextlib.redirect_stdout(io.StringIO()):
        sides = []
        for boxes_of, scores_of in (
            (lambda p: p[2], lambda p: np.zeros(len(p[2]))),
            (lambda p: p[0], lambda p: p[1]),
        ):
            side = coco.COCO()
            rows = [
                (i, box, score)
                for i, picture in enumerate(pictures, start=1)
                for box, score in zip(boxes_of(picture), scores_of(picture), strict=True)
            ]
            side.dataset = {
                "images": images,
                "categories": [{"id": 1}],
                "annotations": [annotation(k, *row) for k, row in enumerate(rows, start=1)],
            }
            side.createIndex()
            sides.append(side)
        run = cocoeval.COCOeval(*sides, "bbox")
        run.evaluate()
        run.accumulate()
    precision = run.eval["precision"][:, :, 0, 0, 2]
    return precision.mean(), precision[0].mean(), precision[4].mean(), precision[5].mean()


def annotation(key: int, image: int, box: np.ndarray, score: float) -> dict[str, object]:
    x0, y0, x1, y1 = box.tolist()
    bbox = [x0, y0, x1 - x0, y1 - y0]
    return {
        "id": key,
        "image_id": image,
        "category_id": 1,
        "bbox": bbox,
        "area": bbox[2] * bbox[3],
        "iscrowd": 0,
        "score": float(score),
    }


corners = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 6), st.integers(1, 6))
box = corners.map(lambda c: [c[0], c[1], c[0] + c[2], c[1] + c[3]])
scored = st.lists(st.tuples(box, st.integers(0, 4)), max_size=6)


@st.composite
def picture(draw: st.DrawFn) -> Picture:
    found = draw(scored)
    true = draw(st.lists(box, max_size=3))
    return (
        np.array([b for b, _ in found], dtype=float).reshape(-1, 4),
        np.array([s / 4 for _, s in found]),
        np.array(true, dtype=float).reshape(-1, 4),
    )


def compare(pictures: list[Picture]) -> None:
    ours = evaluate([(p[0], p[1]) for p in pictures], [p[2] for p in pictures])
    expected = by_pycocotools(pictures)
    np.testing.assert_allclose([ours.ap, ours.ap50, ours.ap70, ours.ap75], expected, atol=1e-6)


@given(st.lists(picture(), min_size=1, max_size=5))
@settings(max_examples=120, deadline=None)
def test_average_precision_is_cocos_with_ties_and_empty_pictures(pictures: list[Picture]) -> None:
    if any(len(p[2]) for p in pictures):
        compare(pictures)


def test_average_precision_is_cocos_on_noisy_boxes_and_beyond_100_a_picture() -> None:
    random = np.random.default_rng(0)
    pictures = []
    for _ in range(12):
        low = random.uniform(0, 200, (4, 2))
        true = np.hstack([low, low + random.uniform(40, 90, (4, 2))])
        found = np.repeat(true, 30, axis=0) + random.normal(0, 4, (120, 4))
        pictures.append((found, random.random(120), true))
    compare(pictures)


def test_corloc_asks_for_the_best_scored_box_only() -> None:
    true = np.array([[0, 0, 10, 10], [50, 50, 60, 60.0]])
    off, exact, near = [20, 20, 30, 30], [50, 50, 60, 60], [0, 0, 10, 6]
    found = evaluate(
        [
            (np.array([off, exact], float), np.array([0.9, 0.8])),
            (np.array([off, exact], float), np.array([0.8, 0.9])),
            (np.array([near], float), np.array([0.1])),
            (EMPTY, np.zeros(0)),
            (np.array([off], float), np.array([1.0])),
        ],
        [true, true, true, true, EMPTY],
    )
    assert (found.corloc, found.corloc70) == (0.5, 0.25)
    assert found.mean_iou == pytest.approx((0 + 1 + 0.6 + 0) / 4)


def test_a_truth_is_matched_once() -> None:
    true = np.array([[0, 0, 10, 10.0]])
    found = evaluate([(np.repeat(true, 3, axis=0), np.array([0.9, 0.8, 0.7]))], [true])
    np.testing.assert_allclose(found.precision, [1, 1 / 2, 1 / 3])
    np.testing.assert_allclose(found.recall, [1, 1, 1])
    assert found.ap50 == 1.0


def test_without_any_truth_there_is_no_number() -> None:
    found = evaluate([(EMPTY, np.zeros(0))], [EMPTY])
    assert np.isnan([found.corloc, found.mean_iou, found.ap50, found.ap]).all()


@given(st.lists(box, max_size=4), st.lists(box, max_size=4))
def test_iou_matrix_counts_cells(a: list[list[int]], b: list[list[int]]) -> None:
    def cells(corner: list[int]) -> set[tuple[int, int]]:
        x0, y0, x1, y1 = corner
        return {(x, y) for x in range(x0, x1) for y in range(y0, y1)}

    got = iou_matrix(np.array(a, float).reshape(-1, 4), np.array(b, float).reshape(-1, 4))
    assert got.shape == (len(a), len(b))
    for i, first in enumerate(a):
        for j, second in enumerate(b):
            shared, union = cells(first) & cells(second), cells(first) | cells(second)
            assert got[i, j] == pytest.approx(len(shared) / len(union))


def test_iou_of_boxes_without_area_is_zero() -> None:
    assert iou_matrix(np.zeros((1, 4)), np.zeros((1, 4))).tolist() == [[0.0]]


def test_centre_box_has_sides_of_the_share() -> None:
    np.testing.assert_allclose(centre_box(100, 50, 0.8), [10, 5, 90, 45])


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (20, 22, 0.7218, 0.9747),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (50, 100, 0.4038, 0.5962),
    ],
)
def test_wilson_interval_has_the_known_values(
    successes: int, n: int, low: float, high: float
) -> None:
    assert wilson_interval(successes, n) == pytest.approx((low, high), abs=1e-4)


def test_wilson_interval_of_nothing_is_everything() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)
