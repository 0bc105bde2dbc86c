"""A detector's rows become files that other programs open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from irbis.errors import DataError
from irbis.formats.camtrap_dp import Deployment, write_camtrap_dp
from irbis.formats.camtrap_reading import read_camtrap_dp
from irbis.formats.from_rows import from_rows
from irbis.formats.megadetector_pictures import read_megadetector, write_megadetector_pictures

START = datetime(2026, 3, 1, 5, tzinfo=UTC)
BOX = {"xmin": -5.0, "ymin": 20.0, "xmax": 50.0, "ymax": 120.0, "label": "cat", "score": 0.75}


def row(name, seconds=0, **more):
    return {
        "path": f"/traps/{name}",
        "detections": [BOX],
        "detections_error": None,
        "exif": {"width": 100, "height": 100},
        "taken": START + timedelta(seconds=seconds),
        "location": "ridge",
        "group": "a@1",
    } | more


ROWS = [
    row("b.jpg", 20),
    row("a.jpg", 30),
    row("c.jpg", detections=None, detections_error={"kind": "truncated", "message": "cut"}),
    row("d.jpg", detections=[], exif=None, group=None),
]


def test_rows_become_pictures_and_files(tmp_path: Path) -> None:
    made = from_rows(ROWS, root="/traps")
    assert [(p.file, p.frame, p.frames) for p in made] == [
        ("a.jpg", 2, 3), ("b.jpg", 1, 3), ("c.jpg", 0, 3), ("d.jpg", None, None),
    ]  # fmt: skip
    assert made[0].detections[0].box == (0.0, 0.2, 0.5, 0.8)  # inside the picture
    assert made[2].failure == "truncated: cut" and made[3].detections == ()
    write_megadetector_pictures(tmp_path / "m.json", made)
    assert [p.file for p in read_megadetector(tmp_path / "m.json").pictures] == [
        p.file for p in made
    ]
    write_camtrap_dp(tmp_path / "dp", made, [Deployment("ridge", 42.0, 78.0)])
    assert read_camtrap_dp(tmp_path / "dp") == made


def test_what_is_missing_is_said() -> None:
    with pytest.raises(DataError, match="sizeCol"):
        from_rows([row("a.jpg", exif=None)])
    with pytest.raises(DataError, match="below /other"):
        from_rows(ROWS, root="/other")


def test_the_bytes_of_a_file_are_no_size_of_a_picture() -> None:
    (found,) = from_rows([row("a.jpg", size=48_213)], root="/traps")
    assert (found.width, found.height) == (100, 100)
