"""COCO files: there and back, and what is not one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis.errors import DataError
from irbis.formats.coco import CocoImage, read_coco, write_coco

side = st.integers(1, 400)
row = st.tuples(st.integers(0, 400), st.integers(0, 400), side, side, st.sampled_from("abc"))


@given(st.lists(st.lists(row, max_size=4), max_size=4))
def test_boxes_and_names_come_back(
    tmp_path_factory: pytest.TempPathFactory, pictures: list[list[tuple[Any, ...]]]
) -> None:
    path = tmp_path_factory.mktemp("coco") / "boxes.json"
    images = [
        CocoImage(
            f"folder/{i}.jpg",
            800,
            600,
            np.array([[x, y, x + w, y + h] for x, y, w, h, _ in rows], np.float32).reshape(-1, 4),
            [label for *_, label in rows],
        )
        for i, rows in enumerate(pictures)
    ]
    write_coco(path, images)
    found = read_coco(path)
    assert list(found) == [image.file_name for image in images]
    for image in images:
        back = found[image.file_name]
        assert (back.width, back.height, back.labels) == (800, 600, image.labels)
        np.testing.assert_array_equal(back.boxes, image.boxes)


def test_a_written_file_is_cocos(tmp_path: Path) -> None:
    path = tmp_path / "boxes.json"
    boxes = np.array([[1, 2, 11, 22], [0, 0, 5, 5]], np.float32)
    write_coco(
        path, [CocoImage("ü.jpg", 100, 50, boxes, ["cat", "ant"], [0.5, 0.25])], {"by": "a machine"}
    )
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["info"] == {"by": "a machine"}
    assert document["categories"] == [{"id": 1, "name": "ant"}, {"id": 2, "name": "cat"}]
    first, second = document["annotations"]
    assert first["bbox"] == [1, 2, 10, 20] and first["area"] == 200 and first["score"] == 0.5
    assert (first["category_id"], second["category_id"]) == (2, 1)
    assert (first["id"], second["id"], first["iscrowd"], first["image_id"]) == (1, 2, 0, 1)


def document() -> dict[str, Any]:
    return {
        "images": [{"id": 7, "file_name": "a.jpg", "width": 10, "height": 10}],
        "categories": [{"id": 3, "name": "cat"}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [1, 1, 4, 5]}],
    }


def read(tmp_path: Path, content: Any) -> dict[str, CocoImage]:
    path = tmp_path / "read.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return read_coco(path)


def test_crowd_regions_are_left_out(tmp_path: Path) -> None:
    content = document()
    content["annotations"].append({**content["annotations"][0], "id": 2, "iscrowd": 1})
    found = read(tmp_path, content)["a.jpg"]
    assert found.boxes.tolist() == [[1, 1, 5, 6]] and found.labels == ["cat"]


def drop(part: str, key: str) -> dict[str, Any]:
    content = document()
    del content[part][0][key]
    return content


def change(key: str, value: Any) -> dict[str, Any]:
    content = document()
    content["annotations"][0][key] = value
    return content


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("no json", id="no json"),
        pytest.param([], id="a list"),
        pytest.param({"images": []}, id="parts missing"),
        pytest.param(drop("annotations", "bbox"), id="no bbox"),
        pytest.param(drop("images", "file_name"), id="no file name"),
        pytest.param(change("image_id", 8), id="unknown image"),
        pytest.param(change("category_id", 8), id="unknown category"),
        pytest.param(change("bbox", [1, 2, 3]), id="three numbers"),
        pytest.param(change("bbox", "text"), id="text for a box"),
    ],
)
def test_what_is_no_coco_file_is_told(tmp_path: Path, content: Any) -> None:
    with pytest.raises(DataError, match=r"read\.json"):
        read(tmp_path, content)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing.json"):
        read_coco(tmp_path / "nothing.json")


def twice() -> dict[str, Any]:
    content = document()
    content["images"].append({**content["images"][0], "id": 9})
    return content


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(change("bbox", [0, 0, -2, 2]), id="negative width"),
        pytest.param(change("bbox", [0, 0, float("nan"), 2]), id="not a number"),
        pytest.param({**document(), "annotations": [3]}, id="an annotation that is no object"),
        pytest.param(twice(), id="a file name twice: the boxes of one are lost"),
    ],
)
def test_boxes_that_are_none_are_told(tmp_path: Path, content: Any) -> None:
    with pytest.raises(DataError, match=r"read\.json"):
        read(tmp_path, content)
