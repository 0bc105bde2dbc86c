"""COCO Camera Traps: boxes in pixels and in shares of a picture, with a size and without."""

import json

import pytest

from irbis.errors import DataError
from irbis.formats.camera_traps import read_camera_traps, write_camera_traps


def written(folder, annotation, **image):
    path = folder / "traps.json"
    document = {
        "info": {"version": "1.0"},
        "images": [{"id": "1", "file_name": "a.jpg", **image}],
        "categories": [{"id": 0, "name": "empty"}, {"id": 1, "name": "lynx"}],
        "annotations": [{"id": "7", "image_id": "1", "category_id": 1, **annotation}],
    }
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize(
    ("annotation", "image", "box"),
    [
        ({"bbox": [10, 20, 30, 40]}, {"width": 100, "height": 200}, (0.1, 0.1, 0.3, 0.2)),
        ({"bbox_relative": [0.1, 0.2, 0.3, 0.4]}, {}, (0.1, 0.2, 0.3, 0.4)),
        ({"score": 0.5}, {}, None),
    ],
)
def test_boxes_come_back_as_they_were_written(tmp_path, annotation, image, box):
    pictures = read_camera_traps(written(tmp_path, annotation, **image))
    (picture,) = pictures
    (found,) = picture.detections
    assert (found.label, found.score, found.box) == ("lynx", annotation.get("score"), box)
    write_camera_traps(tmp_path / "again.json", pictures)
    (again,) = json.loads((tmp_path / "again.json").read_text())["annotations"]
    kinds = {"bbox", "bbox_relative", "score"}
    assert kinds & set(again) == kinds & set(annotation)
    assert read_camera_traps(tmp_path / "again.json")[0].detections[0].box == box


def test_a_box_in_pixels_needs_a_size(tmp_path):
    with pytest.raises(DataError, match="size of a picture"):
        read_camera_traps(written(tmp_path, {"bbox": [1, 2, 3, 4]}))
