"""The three tables of Camtrap DP 1.0.2: their columns, in order, with types and limits.

A line a column: name, type, and what its values must be. https://camtrap-dp.tdwg.org/data has what
each means. :func:`table_schema` makes a Frictionless Table Schema of it, with which a package can be
checked where its published schema can't be fetched.

Compared field by field with the tables of 1.0 as GBIF serves them (rs.gbif.org,
data-packages/camtrap-dp/1.0). By the format's changelog, 1.0.1 and 1.0.2 changed one thing in the
tables: what is read as a missing value.
"""

from __future__ import annotations

from typing import Any

__all__ = ["MISSING", "PROJECT", "TABLES", "VERSION", "fields_of", "schema_url", "table_schema"]

VERSION = "1.0.2"
_SITE = "https://raw.githubusercontent.com/tdwg/camtrap-dp"
_TIME = "%Y-%m-%dT%H:%M:%S%z"

#: Cells with no value in them.
MISSING = ("", "NA", "NaN", "nan")

_DEPLOYMENTS = """
deploymentID string required unique
locationID string
locationName string
latitude number required minimum=-90 maximum=90
longitude number required minimum=-180 maximum=180
coordinateUncertainty integer minimum=1
deploymentStart datetime required
deploymentEnd datetime required
setupBy string
cameraID string
cameraModel string
cameraDelay integer minimum=0
cameraHeight number minimum=0
cameraDepth number minimum=0
cameraTilt integer minimum=-90 maximum=90
cameraHeading integer minimum=0 maximum=360
detectionDistance number minimum=0
timestampIssues boolean
baitUse boolean
featureType string enum=roadPaved|roadDirt|trailHiking|trailGame|roadUnderpass|roadOverpass|roadBridge|culvert|burrow|nestSite|carcass|waterSource|fruitingTree
habitat string
deploymentGroups string
deploymentTags string
deploymentComments string
"""
_MEDIA = r"""
mediaID string required unique
deploymentID string required
captureMethod string enum=activityDetection|timeLapse
timestamp datetime required
filePath string required pattern=^(?=^[^./~])(^((?!\.{2}).)*$).*$
filePublic boolean required
fileName string
fileMediatype string required pattern=^(image|video|audio)/.*$
exifData any
favorite boolean
mediaComments string
"""
_OBSERVATIONS = """
observationID string required unique
deploymentID string required
mediaID string
eventID string
eventStart datetime required
eventEnd datetime required
observationLevel string required enum=media|event
observationType string required enum=animal|human|vehicle|blank|unknown|unclassified
cameraSetupType string enum=setup|calibration
scientificName string
count integer minimum=1
lifeStage string enum=adult|subadult|juvenile
sex string enum=female|male
behavior string
individualID string
individualPositionRadius number minimum=0
individualPositionAngle number minimum=-90 maximum=90
individualSpeed number minimum=0
bboxX number minimum=0 maximum=1
bboxY number minimum=0 maximum=1
bboxWidth number minimum=1e-15 maximum=1
bboxHeight number minimum=1e-15 maximum=1
classificationMethod string enum=human|machine
classifiedBy string
classificationTimestamp datetime
classificationProbability number minimum=0 maximum=1
observationTags string
observationComments string
"""

_PROJECT = """
title string required
samplingDesign string required enum=simpleRandom|systematicRandom|clusteredRandom|experimental|targeted|opportunistic
captureMethod array required enum=activityDetection|timeLapse
individualAnimals boolean required
observationLevel array required enum=media|event
"""


def _columns(text: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    rows = (line.split(" ") for line in text.strip().splitlines())
    return {row[0]: (row[1], tuple(row[2:])) for row in rows}


#: Table -> column -> (type, rules).
TABLES: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "deployments": _columns(_DEPLOYMENTS),
    "media": _columns(_MEDIA),
    "observations": _columns(_OBSERVATIONS),
}
#: What the profile asks of a package's "project"; the rules of an array are its members'.
PROJECT = _columns(_PROJECT)
_LINKS = {"media": ("deploymentID",), "observations": ("deploymentID", "mediaID")}
_HOMES = {"deploymentID": "deployments", "mediaID": "media"}


def schema_url(table: str) -> str:
    """Address of a table's published schema, or of the profile.

    Examples
    --------
    >>> schema_url("media")
    'https://raw.githubusercontent.com/tdwg/camtrap-dp/1.0.2/media-table-schema.json'
    """
    file = "camtrap-dp-profile" if table == "profile" else f"{table}-table-schema"
    return f"{_SITE}/{VERSION}/{file}.json"


def table_schema(table: str) -> dict[str, Any]:
    """Return the Frictionless Table Schema of a table.

    Examples
    --------
    >>> table_schema("media")["foreignKeys"][0]["reference"]
    {'resource': 'deployments', 'fields': ['deploymentID']}
    """
    links = [
        {"fields": [key], "reference": {"resource": _HOMES[key], "fields": [key]}}
        for key in _LINKS.get(table, ())
    ]
    made = {
        "name": table,
        "fields": fields_of(TABLES[table]),
        "missingValues": list(MISSING),
        "primaryKey": next(iter(TABLES[table])),
    }
    return made | ({"foreignKeys": links} if links else {})


def fields_of(columns: dict[str, tuple[str, tuple[str, ...]]]) -> list[dict[str, Any]]:
    """Columns as fields of a Table Schema.

    Examples
    --------
    >>> fields_of(TABLES["media"])[3]["constraints"]
    {'required': True}
    """
    fields = []
    for name, (type_, rules) in columns.items():
        field: dict[str, Any] = {"name": name, "type": type_}
        if type_ == "datetime":
            field["format"] = _TIME
        constraints = dict(_constraint(rule) for rule in rules)
        fields.append(field | ({"constraints": constraints} if constraints else {}))
    return fields


def _constraint(rule: str) -> tuple[str, Any]:
    name, _, value = rule.partition("=")
    if not value:
        return name, True
    if name == "enum":
        return name, value.split("|")
    return name, value if name == "pattern" else float(value) if "e" in value else int(value)
