"""Camtrap DP's rules as published: ours are the same, and so is what Frictionless says by them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from trap_pictures import PICTURES, TAKEN

from irbis.errors import DataError
from irbis.formats.camtrap_checks import check_rows
from irbis.formats.camtrap_dp import Deployment, write_camtrap_dp
from irbis.formats.camtrap_reading import read_camtrap_dp
from irbis.formats.camtrap_tables import TABLES, table_schema
from irbis.formats.trap import TrapDetection, TrapPicture

PLACES = [Deployment("ridge", 34.25, 77.5), Deployment("pass", -0.5, 77.0)]
SHARE, TIME = (0, 1), "2026-03-01T22:04:05Z"

# Read off the published schemas, not off ours.
REQUIRED = {
    "deployments": "deploymentID latitude longitude deploymentStart deploymentEnd",
    "media": "mediaID deploymentID timestamp filePath filePublic fileMediatype",
    "observations": "observationID deploymentID eventStart eventEnd observationLevel "
    "observationType",
}
RANGES = {
    "latitude": (-90, 90),
    "longitude": (-180, 180),
    "coordinateUncertainty": (1, None),
    "cameraDelay": (0, None),
    "cameraHeight": (0, None),
    "cameraDepth": (0, None),
    "cameraTilt": (-90, 90),
    "cameraHeading": (0, 360),
    "detectionDistance": (0, None),
    "count": (1, None),
    "individualPositionRadius": (0, None),
    "individualPositionAngle": (-90, 90),
    "individualSpeed": (0, None),
    "bboxX": SHARE,
    "bboxY": SHARE,
    "bboxWidth": (1e-15, 1),
    "bboxHeight": (1e-15, 1),
    "classificationProbability": SHARE,
}
ENUMS = {
    "featureType": "roadPaved roadDirt trailHiking trailGame roadUnderpass roadOverpass roadBridge "
    "culvert burrow nestSite carcass waterSource fruitingTree",
    "captureMethod": "activityDetection timeLapse",
    "observationLevel": "media event",
    "observationType": "animal human vehicle blank unknown unclassified",
    "cameraSetupType": "setup calibration",
    "lifeStage": "adult subadult juvenile",
    "sex": "female male",
    "classificationMethod": "human machine",
}
TYPES = {
    "integer": "coordinateUncertainty cameraDelay cameraTilt cameraHeading count",
    "boolean": "timestampIssues baitUse filePublic favorite",
    "datetime": "deploymentStart deploymentEnd timestamp eventStart eventEnd "
    "classificationTimestamp",
    "any": "exifData",
}
WHOLE = {
    "deployments": {
        "deploymentID": "a", "latitude": 1.5, "longitude": 2.5,
        "deploymentStart": TIME, "deploymentEnd": TIME,
    },
    "media": {
        "mediaID": "a", "deploymentID": "a", "timestamp": TIME,
        "filePath": "a.jpg", "filePublic": False, "fileMediatype": "image/jpeg",
    },
    "observations": {
        "observationID": "a", "deploymentID": "a", "eventStart": TIME, "eventEnd": TIME,
        "observationLevel": "media", "observationType": "blank",
    },
}  # fmt: skip


def fields():
    return [f for table in TABLES for f in table_schema(table)["fields"]]


def ruled(rule):
    return {f["name"]: f["constraints"][rule] for f in fields() if rule in f.get("constraints", {})}


def home(name):
    return next(table for table in TABLES if name in TABLES[table])


def frictionless_finds(table, *rows):
    frictionless = pytest.importorskip("frictionless")
    schema = table_schema(table) | {"foreignKeys": []}
    names = [f["name"] for f in schema["fields"]]
    text = [["" if r.get(n) is None else str(r[n]) for n in names] for r in rows]
    data = [names, *([c.lower() if c in ("True", "False") else c for c in row] for row in text)]
    made = frictionless.Resource(data=data, schema=frictionless.Schema.from_descriptor(schema))
    return made.validate().flatten(["type"])


def both_refuse(table, *rows):
    assert frictionless_finds(table, *rows)
    with pytest.raises(DataError):
        check_rows(table, rows)


def both_accept(table, *rows):
    check_rows(table, rows)
    assert not frictionless_finds(table, *rows)


def test_rules_are_the_published_ones() -> None:
    for table, names in REQUIRED.items():
        asked = [n for n, (_, rules) in TABLES[table].items() if "required" in rules]
        assert asked == names.split()
        schema = table_schema(table)
        assert schema["primaryKey"] == asked[0] == next(iter(TABLES[table]))
        assert [n for n, (_, rules) in TABLES[table].items() if "unique" in rules] == asked[:1]
        assert schema["missingValues"] == ["", "NA", "NaN", "nan"]
    lows, highs = ruled("minimum"), ruled("maximum")
    assert {n: (lows.get(n), highs.get(n)) for n in lows | highs} == RANGES
    assert ruled("enum") == {n: values.split() for n, values in ENUMS.items()}
    named = {n: t for t, names in TYPES.items() for n in names.split()}
    number = {n: "number" for n in RANGES if n not in named}
    assert {f["name"]: f["type"] for f in fields()} == {
        f["name"]: (named | number).get(f["name"], "string") for f in fields()
    }
    assert {f.get("format") for f in fields()} == {None, "%Y-%m-%dT%H:%M:%S%z"}
    keys = [
        (table, key["fields"], key["reference"]["resource"], key["reference"]["fields"])
        for table in TABLES
        for key in table_schema(table).get("foreignKeys", [])
    ]
    assert keys == [
        ("media", ["deploymentID"], "deployments", ["deploymentID"]),
        ("observations", ["deploymentID"], "deployments", ["deploymentID"]),
        ("observations", ["mediaID"], "media", ["mediaID"]),
    ]


@pytest.mark.parametrize("name", ENUMS)
def test_enumerations(name) -> None:
    table = home(name)
    key = next(iter(TABLES[table]))
    every = [WHOLE[table] | {key: str(i), name: v} for i, v in enumerate(ENUMS[name].split())]
    both_accept(table, *every)
    both_refuse(table, WHOLE[table] | {name: ENUMS[name].split()[0].upper()})


@pytest.mark.parametrize("name", RANGES)
def test_ranges(name) -> None:
    table, (low, high) = home(name), RANGES[name]
    step = 1 if name in TYPES["integer"].split() else low / 2 if 0 < low < 1 else 1e-3
    both_accept(table, WHOLE[table] | {name: low})
    both_refuse(table, WHOLE[table] | {name: low - step})
    if high is not None:
        both_accept(table, WHOLE[table] | {name: high})
        both_refuse(table, WHOLE[table] | {name: high + max(step, 1e-3)})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("filePath", f) for f in ("/a.jpg", ".a.jpg", "~a.jpg", "a/../b.jpg")),
        *(("fileMediatype", kind) for kind in ("jpeg", "text/csv", "IMAGE/jpeg")),
        *((n, v) for n in ("count", "cameraDelay") for v in (1.5, "few")),
        ("baitUse", "meat"),
        ("latitude", "north"),
        ("deploymentStart", "2026-03-01"),
        ("eventEnd", "2026-03-01T22:04:05"),
        ("timestamp", "2026-13-01T22:04:05Z"),
        *((n, v) for n in ("deploymentID", "observationID") for v in (None, "", "NA", "nan")),
    ],
)
def test_patterns_types_and_missing_values(name, value) -> None:
    both_refuse(home(name), WHOLE[home(name)] | {name: value})


@pytest.mark.parametrize("table", TABLES)
def test_each_once_and_nothing_lacking(table) -> None:
    both_accept(table, WHOLE[table])
    both_refuse(table, WHOLE[table], WHOLE[table])
    for name in REQUIRED[table].split():
        both_refuse(table, WHOLE[table] | {name: None})


def test_the_package_has_what_the_profile_asks_for(tmp_path: Path) -> None:
    write_camtrap_dp(tmp_path, PICTURES, PLACES, taxa={"cat": "Felis catus"})
    found = json.loads((tmp_path / "datapackage.json").read_text())
    asked = "resources profile created contributors project spatial temporal taxonomic"
    assert set(asked.split()) <= set(found)
    assert found["profile"].endswith("/1.0.2/camtrap-dp-profile.json")
    for table, resource in zip(TABLES, found["resources"], strict=True):
        assert (resource["name"], resource["path"]) == (table, f"{table}.csv")
        assert resource["profile"] == "tabular-data-resource" and "1.0.2" in resource["schema"]
    assert datetime.fromisoformat(found["created"]).tzinfo
    assert [c["role"] for c in found["contributors"]] == ["contributor"]
    assert found["project"] == {
        "samplingDesign": "opportunistic",
        "captureMethod": ["activityDetection"],
        "individualAnimals": False,
        "observationLevel": ["media"],
        "title": "Camera trap pictures",
    }
    ring = found["spatial"]["coordinates"][0]
    assert found["spatial"]["type"] == "Polygon" and len(ring) >= 4 and ring[0] == ring[-1]
    assert [date.fromisoformat(found["temporal"][at]) for at in ("start", "end")]
    assert all(set(taxon) == {"scientificName"} for taxon in found["taxonomic"])


@pytest.mark.parametrize(
    "project",
    [
        {"samplingDesign": "random"},
        {"captureMethod": []},
        {"captureMethod": ["timeLapse", "timeLapse"]},
        {"captureMethod": "timeLapse"},
        {"observationLevel": ["sequence"]},
        {"individualAnimals": "no"},
        {"title": None},
    ],
)
def test_a_project_that_the_profile_does_not_allow(tmp_path: Path, project) -> None:
    with pytest.raises(DataError, match=next(iter(project))):
        write_camtrap_dp(tmp_path / "out", PICTURES, PLACES, project=project)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (replace(PICTURES[0], file="../a.jpg"), "filePath"),
        (replace(PICTURES[0], sequence="NA"), "reads this one as missing"),
        (PICTURES[1], "twice in media"),
        (replace(PICTURES[0], detections=(TrapDetection("cat", 1.5),)), "from 0 to 1"),
        (replace(PICTURES[0], detections=(TrapDetection("cat", float("nan")),)), "missing"),
    ],
)
def test_the_writer_refuses_what_is_not_allowed(tmp_path: Path, picture, said) -> None:
    with pytest.raises(DataError, match=said):
        write_camtrap_dp(tmp_path / "out", [*PICTURES[1:], picture], PLACES)
    assert not (tmp_path / "out").exists()


def test_a_package_without_deployments(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no deployments"):
        write_camtrap_dp(tmp_path, [], [])


@pytest.mark.parametrize("missing", ["NA", "NaN", "nan"])
def test_missing_values_of_others_are_read_as_such(tmp_path: Path, missing) -> None:
    sent = [TrapPicture("a.jpg", taken=TAKEN.replace(tzinfo=UTC), location="NA0")]
    write_camtrap_dp(tmp_path, sent, [Deployment("NA0", 1.0, 2.0)])
    for table in ("media", "observations"):
        path = tmp_path / f"{table}.csv"
        head, row = path.read_text().splitlines()
        cells = [c.replace("NA0", "NA") or missing for c in row.split(",")]
        path.write_text(f"{head}\n{','.join(cells)}\n")
    assert read_camtrap_dp(tmp_path) == [replace(sent[0], location="NA")]  # a name in 1.0
