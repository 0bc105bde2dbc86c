"""Every format there and back, and what its own tools say of it."""

from __future__ import annotations

import json
from datetime import UTC, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from pycocotools.coco import COCO
from trap_pictures import CAT, PICTURES, TAKEN, named, some

from irbis.errors import DataError
from irbis.formats.camera_traps import read_camera_traps, write_camera_traps
from irbis.formats.detections_csv import read_detections_csv, write_detections_csv
from irbis.formats.megadetector_pictures import read_megadetector, write_megadetector_pictures
from irbis.formats.trap import TrapDetection, TrapPicture


@given(some)
def test_megadetector_keeps_every_bit(tmp_path: Path, rows) -> None:
    path = tmp_path / "mega.json"
    write_megadetector_pictures(path, named(rows))
    assert read_megadetector(path).pictures == named(rows)


def test_megadetector_keeps_what_irbis_does_not_read(tmp_path: Path) -> None:
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    wolf = {
        "category": "1", "conf": 0.9, "bbox": [0.1, 0.1, 0.2, 0.2], "frame_number": 20,
        "classifications": [["2", 0.9], ["0", 0.1]],
    }  # fmt: skip
    document = {
        "info": {"format_version": "1.6", "detector": "MDV5A", "summary_report": "<p>"},
        "detection_categories": {"1": "animal", "3": "vehicle"},
        "classification_categories": {"0": "fox", "2": "wolf"},
        "classification_category_descriptions": {"0": "vulpes", "2": "canis"},
        "images": [
            {"file": "v.mp4", "frame_rate": 20, "frames_processed": [0, 20], "detections": [wolf]},
            {"file": "e.jpg", "detections": []},
            {"file": "f.jpg", "failure": "Failure image access", "detections": None},
        ],
    }
    first.write_text(json.dumps(document))
    batch = read_megadetector(first)
    assert batch.pictures[0].detections[0].classifications == (("wolf", 0.9), ("fox", 0.1))
    assert batch.pictures[2].failure == "Failure image access"
    write_megadetector_pictures(
        second,
        batch.pictures,
        labels=batch.labels,
        classes=batch.classes,
        info=batch.info,
        extra=batch.extra,
    )
    assert json.loads(second.read_text()) == document


def test_megadetector_is_read_as_leniently_as_it_allows(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    box = [0, 0, 1, 1]
    images = [
        {"file": "a", "failure": None, "detections": [{"category": "1", "conf": 1, "bbox": box}]},
        {"file": "b", "failure": "no"},
        {"file": "c", "detections": [{"category": "9", "conf": 0.5, "bbox": box}]},
    ]
    path.write_text(
        json.dumps({"info": {}, "detection_categories": {"1": "animal"}, "images": images})
    )
    one, failed, unlisted = read_megadetector(path).pictures
    assert one.detections == (TrapDetection("animal", 1.0, (0.0, 0.0, 1.0, 1.0)),)
    assert failed.failure == "no" and unlisted.detections == ()


@pytest.mark.parametrize(
    "found", [TrapDetection("cat", 0.5), TrapDetection("cat", None, (0.0, 0.0, 1.0, 1.0))]
)
def test_megadetector_refuses_what_it_has_no_room_for(tmp_path: Path, found) -> None:
    with pytest.raises(DataError, match="a box or a score"):
        write_megadetector_pictures(tmp_path / "x.json", [TrapPicture("a.jpg", (found,))])


def test_camera_traps_there_and_back_and_by_pycocotools(tmp_path: Path) -> None:
    path = tmp_path / "cct.json"
    unsized = TrapPicture("c.jpg", (CAT,), extra={"rights_holder": "me"})
    write_camera_traps(path, [*PICTURES, unsized])
    back = read_camera_traps(path)
    assert back[1:] == [*PICTURES[1:], unsized]
    for found, sent in zip(back[0].detections, PICTURES[0].detections, strict=True):
        assert found.box == pytest.approx(sent.box, rel=1e-15, abs=1e-15)
        assert (found.label, found.score) == (sent.label, sent.score)
    coco = COCO(path)
    assert [c["name"] for c in coco.loadCats(coco.getCatIds())] == ["empty", "cat", "person"]
    (cat,) = coco.loadAnns(coco.getAnnIds(imgIds=["a/1.jpg"], catIds=[1]))
    assert cat["bbox"] == pytest.approx([64, 96, 192, 192])
    assert coco.loadImgs(["a/2 ü.jpg"])[0]["location"] == "ridge"
    assert coco.loadImgs(["b/3.jpg"])[0]["corrupt"] is True


@given(some)
def test_csv_keeps_every_bit(tmp_path: Path, rows) -> None:
    path = tmp_path / "table.csv"
    write_detections_csv(path, [*named(rows), *PICTURES])
    assert read_detections_csv(path) == [*named(rows), *PICTURES]


def test_csv_with_zones_and_without(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    zones = [UTC, timezone(timedelta(hours=5)), None]
    sent = [TrapPicture(str(z), taken=TAKEN.replace(tzinfo=z)) for z in zones]
    write_detections_csv(path, sent)
    assert read_detections_csv(path) == sent


@pytest.mark.parametrize("reader", [read_megadetector, read_camera_traps, read_detections_csv])
@pytest.mark.parametrize("text", ["", "[]", "{}", "file,label\n", "\x00"])
def test_what_is_no_such_file_is_said_so(tmp_path: Path, reader, text) -> None:
    path = tmp_path / "odd"
    path.write_text(text)
    with pytest.raises(DataError, match="expected"):
        reader(path)


@pytest.mark.parametrize("reader", [read_megadetector, read_camera_traps, read_detections_csv])
def test_a_missing_file_is_said_so(tmp_path: Path, reader) -> None:
    with pytest.raises(DataError):
        reader(tmp_path / "missing")


def test_one_format_becomes_another(tmp_path: Path) -> None:
    write_camera_traps(tmp_path / "1", PICTURES)
    write_megadetector_pictures(tmp_path / "2", read_camera_traps(tmp_path / "1"))
    for found, sent in zip(read_megadetector(tmp_path / "2").pictures, PICTURES, strict=True):
        assert (found.file, found.failure) == (sent.file, sent.failure)
        assert [d.label for d in found.detections] == [d.label for d in sent.detections]
