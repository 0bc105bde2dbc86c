"""Boxes of other programs: MegaDetector's and COCO's files become examples to learn from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irbis.detect.box_file import boxes_from_file
from irbis.errors import DataError
from irbis.formats.coco import CocoImage, write_coco

MEGA = {
    "info": {"detector": "md_v5a.0.0.pt", "format_version": "1.3"},
    "detection_categories": {"1": "animal", "2": "person", "3": "vehicle"},
    "images": [
        {
            "file": "site\\night\\a.jpg",
            "detections": [
                {"category": "1", "conf": 0.15, "bbox": [0.5, 0.5, 0.25, 0.25]},
                {"category": "1", "conf": 0.9, "bbox": [0.0, 0.1, 0.5, 0.4]},
                {"category": "2", "conf": 0.95, "bbox": [0.6, 0.0, 0.2, 0.2]},
            ],
        },
        {"file": "site/night/empty.jpg", "detections": []},
        {"file": "site/night/broken.jpg", "failure": "cannot open", "detections": None},
        {
            "file": "site/night/doubt.jpg",
            "detections": [{"category": "1", "conf": 0.1, "bbox": [0.0, 0.0, 1.0, 1.0]}],
        },
    ],
}


def written(tmp_path: Path, document: Any) -> Path:
    path = tmp_path / "boxes.json"
    path.write_text(json.dumps(document))
    return path


def test_megadetector_boxes_are_shares_of_the_picture(tmp_path: Path) -> None:
    found = boxes_from_file(written(tmp_path, MEGA))
    assert found.categories == ("animal",)
    known = found.find("/data/site/night/a.jpg")
    np.testing.assert_allclose(known.scores, [0.9, 0.15])
    np.testing.assert_allclose(known.pixels(200, 100), [[0, 10, 100, 50], [100, 50, 150, 75]])
    assert len(found.find("empty.jpg").scores) == 0
    assert found.find("broken.jpg") is None and found.find("unknown.jpg") is None


def test_persons_when_asked_for(tmp_path: Path) -> None:
    found = boxes_from_file(written(tmp_path, MEGA), ["Person"])
    assert found.find("a.jpg").scores.tolist() == pytest.approx([0.95])


def test_examples_have_weights_regions_to_ignore_and_negatives(tmp_path: Path) -> None:
    found = boxes_from_file(written(tmp_path, MEGA))
    picture = np.zeros((100, 200, 3), np.uint8)
    names = ["a.jpg", "empty.jpg", "broken.jpg", "doubt.jpg", "unknown.jpg"]
    examples = found.examples([(name, picture) for name in names])
    first, empty = examples  # nothing is known of the others
    np.testing.assert_allclose(first.boxes, [[0, 10, 100, 50]])
    np.testing.assert_allclose(first.ignore, [[100, 50, 150, 75]])
    np.testing.assert_allclose(first.weights, [0.9])
    assert first.labels.tolist() == [1]
    assert len(empty.boxes) == len(empty.ignore) == 0


def coco(tmp_path: Path, labels: list[str], scores: list[float] | None = None) -> Path:
    boxes = np.array([[0, 0, 50, 50], [190, 10, 260, 90], [7, 7, 7, 20]], np.float32)
    path = tmp_path / "coco.json"
    write_coco(path, [CocoImage("x/a.jpg", 200, 100, boxes, labels, scores)])
    return path


def test_coco_boxes_without_scores_count_fully(tmp_path: Path) -> None:
    found = boxes_from_file(coco(tmp_path, ["cat"] * 3))
    known = found.find("a.jpg")
    assert found.categories == ("cat",) and known.scores.tolist() == [1.0, 1.0]
    # Over the edge is cut, without area is left out; another size is another number of pixels.
    np.testing.assert_allclose(known.pixels(400, 200), [[0, 0, 100, 100], [380, 20, 400, 180]])


def test_coco_scores_sort(tmp_path: Path) -> None:
    found = boxes_from_file(coco(tmp_path, ["cat", "dog", "cat"], [0.1, 0.9, 0.5]), ["cat", "dog"])
    assert found.find("a.jpg").scores.tolist() == pytest.approx([0.9, 0.1])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "MegaDetector's JSON"),
        ("{}", "MegaDetector's JSON"),
        ("no json", "MegaDetector's JSON"),
        (json.dumps({**MEGA, "images": [{"file": "a"}]}), "images"),
        (json.dumps({**MEGA, "detection_categories": {"1": "cat", "2": "dog"}}), "which"),
    ],
)
def test_what_is_no_file_of_boxes_is_said(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "f.json"
    path.write_text(content)
    with pytest.raises(DataError, match=message):
        boxes_from_file(path)


def test_a_missing_file_or_category_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        boxes_from_file(tmp_path / "none.json")
    with pytest.raises(DataError, match="horse"):
        boxes_from_file(written(tmp_path, MEGA), ["horse"])
