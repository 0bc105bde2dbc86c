"""MegaDetector's batch output: what is written, and what is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis.errors import DataError
from irbis.formats.megadetector import (
    MegaImage,
    megadetector_document,
    validate,
    write_megadetector,
)

EMPTY = np.zeros((0, 4), np.float32)


def document() -> dict[str, Any]:
    boxes = np.array([[50, 20, 150, 60], [-5, -5, 300, 200]], np.float32)
    return megadetector_document(
        [
            MegaImage("a/1.jpg", 200, 100, boxes, ["cat", "dog"], [0.75, 0.5]),
            MegaImage("a/2.jpg", 200, 100, EMPTY, [], []),
            MegaImage("a/3.jpg", 0, 0, EMPTY, [], [], failure="truncated"),
        ],
        ["cat", "dog"],
        {"detection_completion_time": "2026-11-24 04:00:00"},
    )


def test_boxes_are_shares_and_a_failure_is_not_an_empty_picture() -> None:
    made = document()
    assert made["info"]["format_version"] == "1.6"
    assert made["info"]["detection_completion_time"] == "2026-11-24 04:00:00"
    assert made["detection_categories"] == {"1": "cat", "2": "dog"}
    found, empty, failed = made["images"]
    assert found["detections"] == [
        {"category": "1", "conf": 0.75, "bbox": [0.25, 0.2, 0.5, 0.4]},
        {"category": "2", "conf": 0.5, "bbox": [0.0, 0.0, 1.0, 1.0]},
    ]
    assert empty["detections"] == [] and "failure" not in empty
    assert failed == {"file": "a/3.jpg", "failure": "truncated", "detections": None}


def test_a_file_is_checked_written_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "detections.json"
    write_megadetector(path, document())
    back = json.loads(path.read_text(encoding="utf-8"))
    validate(back)
    assert back == document()


corner = st.floats(-50, 700, allow_nan=False, width=32)


@given(
    st.integers(1, 640),
    st.integers(1, 640),
    st.lists(st.tuples(corner, corner, corner, corner, st.floats(0, 1))),
)
def test_any_boxes_make_a_valid_document(
    width: int, height: int, rows: list[tuple[float, ...]]
) -> None:
    corners = np.array([r[:4] for r in rows], np.float32).reshape(-1, 2, 2)
    boxes = np.sort(corners, axis=1).reshape(-1, 4)
    image = MegaImage("x.jpg", width, height, boxes, ["cat"] * len(rows), [r[4] for r in rows])
    made = megadetector_document([image], ["cat"])
    validate(made)
    for detection in made["images"][0]["detections"]:
        x, y, w, h = detection["bbox"]
        assert x + w <= 1 + 2e-5 and y + h <= 1 + 2e-5 and type(detection["conf"]) is float


Change = Callable[[dict[str, Any]], Any]


def first(made: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = made["images"][0]["detections"][0]
    return found


CHANGES: dict[str, Change] = {
    "no info": lambda d: d.pop("info"),
    "no images": lambda d: d.pop("images"),
    "no categories": lambda d: d.pop("detection_categories"),
    "no version": lambda d: d["info"].pop("format_version"),
    "a version that is a number": lambda d: d["info"].update(format_version=1.6),
    "the reserved category": lambda d: d["detection_categories"].update({"0": "empty"}),
    "a category that is no number": lambda d: d["detection_categories"].update({"x": "cat"}),
    "no file": lambda d: d["images"][0].pop("file"),
    "no detections": lambda d: d["images"][1].pop("detections"),
    "null without a failure": lambda d: d["images"][1].update(detections=None),
    "an empty list beside a failure": lambda d: d["images"][2].update(detections=[]),
    "a failure that is no text": lambda d: d["images"][2].update(failure=3),
    "an unknown category": lambda d: first(d).update(category="9"),
    "no conf": lambda d: first(d).pop("conf"),
    "conf above 1": lambda d: first(d).update(conf=1.5),
    "conf nan": lambda d: first(d).update(conf=float("nan")),
    "three numbers": lambda d: first(d).update(bbox=[0.1, 0.1, 0.1]),
    "pixels": lambda d: first(d).update(bbox=[50, 20, 100, 40]),
}


@pytest.mark.parametrize("name", list(CHANGES))
def test_what_is_wrong_is_told(name: str) -> None:
    made = copy.deepcopy(document())
    CHANGES[name](made)
    with pytest.raises(DataError) as told:
        validate(made)
    assert isinstance(told.value, ValueError)


def test_what_is_no_document_is_told() -> None:
    with pytest.raises(DataError):
        validate([])


def test_nothing_is_written_that_is_not_valid(tmp_path: Path) -> None:
    made = document()
    made["images"][0].pop("file")
    with pytest.raises(DataError):
        write_megadetector(tmp_path / "bad.json", made)
    assert not (tmp_path / "bad.json").exists()


GAPS: dict[str, Change] = {
    "info that is no object": lambda d: d.update(info=3),
    "images that are no list": lambda d: d.update(images=None),
    "an image that is no object": lambda d: d["images"].append(3),
    "a detection that is no object": lambda d: d["images"][0]["detections"].append(3),
    "a category that can't be looked up": lambda d: first(d).update(category=[]),
    "a conf that is no float": lambda d: first(d).update(conf=1),
    "a category name that is no text": lambda d: d["detection_categories"].update({"3": 5}),
    "a box that leaves the picture": lambda d: first(d).update(bbox=[0.9, 0.1, 0.6, 0.1]),
}


@pytest.mark.parametrize("name", list(GAPS))
def test_more_that_is_wrong_is_told(name: str) -> None:
    made = copy.deepcopy(document())
    GAPS[name](made)
    with pytest.raises(DataError):
        validate(made)
