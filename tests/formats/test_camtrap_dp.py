"""Camtrap DP: there and back, and by Frictionless."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given
from trap_pictures import PICTURES, TAKEN, named, some

from irbis.errors import DataError
from irbis.formats.camtrap_dp import Deployment, write_camtrap_dp
from irbis.formats.camtrap_reading import read_camtrap_dp
from irbis.formats.camtrap_tables import TABLES, table_schema
from irbis.formats.trap import TrapDetection, TrapPicture

PLACES = [
    Deployment("ridge", 34.25, 77.5, camera="H500", model="Reconyx-HP2X"),
    Deployment("pass", -0.5, 77.0, fields={"cameraHeight": 0.4, "baitUse": False}),
]
WHEN = datetime(2026, 11, 25, tzinfo=UTC)


def frictionless_report(folder: Path):
    """By the tables' schemas as irbis wrote them down: the published ones need the network."""
    frictionless = pytest.importorskip("frictionless")
    document = json.loads((folder / "datapackage.json").read_text())
    for resource in document["resources"]:
        assert resource["schema"].endswith(f"/1.0.2/{resource['name']}-table-schema.json")
        resource["schema"] = table_schema(resource["name"])
    document.pop("profile")
    return frictionless.Package.from_descriptor(document, basepath=str(folder)).validate()


def dated(pictures):
    return [
        TrapPicture(p.file, p.detections, taken=TAKEN.replace(tzinfo=UTC), location="ridge")
        for p in pictures
    ]


def test_there_and_back_and_valid(tmp_path: Path) -> None:
    classified = TrapDetection(
        "animal", 0.5, (0.1, 0.1, 0.2, 0.2), (("wolf", 0.75), ("fox", 0.125))
    )
    human = TrapDetection("cat")
    sent = [
        *PICTURES,
        TrapPicture("c.PNG", (classified, human), taken=TAKEN, location="ridge"),
    ]
    taxa = {"cat": "Felis catus"}
    write_camtrap_dp(tmp_path, sent, PLACES, taxa=taxa, classified_by="irbis 0.1", created=WHEN)
    aware = [p.taken.replace(tzinfo=UTC) for p in sent]
    back = read_camtrap_dp(tmp_path)
    assert [p.taken for p in back] == aware
    assert [vars(p) | {"taken": None} for p in back] == [vars(p) | {"taken": None} for p in sent]
    report = frictionless_report(tmp_path)
    assert report.valid, report.flatten(["type", "note"])
    document = json.loads((tmp_path / "datapackage.json").read_text())
    assert document["taxonomic"] == [{"scientificName": "Felis catus"}]
    assert document["temporal"] == {"start": "2026-03-01", "end": "2026-03-01"}
    text = (tmp_path / "observations.csv").read_text()
    assert ",blank," in text and ",unclassified," in text and ",human," in text


@given(some)
def test_every_bit_of_boxes_and_scores(tmp_path: Path, rows) -> None:
    wide = [
        TrapPicture(p.file, tuple(d for d in p.detections if min(d.box[2:]) >= 1e-15))
        for p in named(rows)
    ]
    assume(wide)
    write_camtrap_dp(tmp_path, dated(wide), PLACES[:1])
    assert read_camtrap_dp(tmp_path) == dated(wide)


def test_frictionless_notices(tmp_path: Path) -> None:
    write_camtrap_dp(tmp_path, PICTURES, PLACES)
    path = tmp_path / "observations.csv"
    path.write_text(path.read_text().replace(",blank,", ",nothing,"))
    report = frictionless_report(tmp_path)
    assert not report.valid and "constraint-error" in str(report.flatten(["type"]))


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (TrapPicture("a.jpg", location="ridge"), "without a date"),
        (TrapPicture("a.jpg", taken=TAKEN, location="valley"), "one of the deployments"),
    ],
)
def test_what_the_format_asks_for_is_said(tmp_path: Path, picture, said) -> None:
    with pytest.raises(DataError, match=said):
        write_camtrap_dp(tmp_path, [picture], PLACES)


def test_a_deployment_without_pictures_needs_its_dates(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="its dates"):
        write_camtrap_dp(tmp_path, [], PLACES)
    known = Deployment("ridge", 1.0, 2.0, TAKEN, TAKEN + timedelta(days=30))
    write_camtrap_dp(tmp_path, [], [known])
    assert read_camtrap_dp(tmp_path) == [] and frictionless_report(tmp_path).valid


def test_a_field_that_the_table_lacks_is_refused(tmp_path: Path) -> None:
    odd = Deployment("ridge", 1.0, 2.0, TAKEN, TAKEN, fields={"colour": "green"})
    with pytest.raises(DataError, match="colour"):
        write_camtrap_dp(tmp_path, [], [odd])


def test_what_is_no_package_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a data package"):
        read_camtrap_dp(tmp_path)
    (tmp_path / "datapackage.json").write_text('{"resources": []}')
    with pytest.raises(DataError, match="lacks"):
        read_camtrap_dp(tmp_path)


def test_the_tables_have_the_columns_of_the_format() -> None:
    assert [len(TABLES[t]) for t in ("deployments", "media", "observations")] == [24, 11, 28]
