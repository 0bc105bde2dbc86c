"""Camtrap DP 1.0.2, the exchange format of GBIF and Agouti: a folder of three tables.

https://camtrap-dp.tdwg.org. Every detection becomes an observation of its picture; a picture with
nothing in it is one of type "blank", a failed one "unclassified".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from irbis.errors import DataError
from irbis.formats.camtrap_checks import check_project, check_rows
from irbis.formats.camtrap_rows import media_row, observation_rows, stamp
from irbis.formats.camtrap_tables import TABLES, schema_url
from irbis.formats.csv_table import write_table
from irbis.formats.trap import TrapPicture, labels_of

__all__ = ["Deployment", "write_camtrap_dp"]


@dataclass(frozen=True)
class Deployment:
    """Where a camera stood, and when.

    Parameters
    ----------
    name : str
        The pictures' `location`.
    latitude, longitude : float
        Degrees, WGS84.
    start, end : datetime or None
        None: of its first and its last picture.
    camera, model : str or None
        Serial number; manufacturer and model.
    fields : mapping, default {}
        More columns of the table "deployments", as the format names them.
    """

    name: str
    latitude: float
    longitude: float
    start: datetime | None = None
    end: datetime | None = None
    camera: str | None = None
    model: str | None = None
    fields: Mapping[str, Any] | None = None


def write_camtrap_dp(
    folder: str | Path,
    pictures: Iterable[TrapPicture],
    deployments: Sequence[Deployment],
    *,
    title: str = "Camera trap pictures",
    contributor: str = "irbis",
    zone: tzinfo = UTC,
    taxa: Mapping[str, str] | None = None,
    classified_by: str | None = None,
    project: Mapping[str, Any] | None = None,
    created: datetime | None = None,
) -> None:
    """Write a data package: datapackage.json and three CSV tables.

    Labels that are no taxon are kept as a tag ("label:cat"). "person", "human" and "people" become
    observations of type human, "vehicle" and "car" of type vehicle, all others animals.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there.
    pictures : iterable of TrapPicture
        Each with a date and a location: the format asks for both.
    deployments : sequence of Deployment
        One for each location.
    title, contributor : str
    zone : tzinfo, default UTC
        Of dates without one: cameras don't write it.
    taxa : mapping of label to scientific name, optional
    classified_by : str, optional
        The detector's name.
    project : mapping, optional
        Fields of the package's "project", in place of our defaults.
    created : datetime, optional
        Default: now.

    Raises
    ------
    DataError
        For a picture without a date, or at a place that is no deployment; without deployments; for
        a value that the format does not allow: then nothing is written.
    """
    listed, out = list(pictures), Path(folder)
    places = {d.name: d for d in deployments}
    if not places:
        raise DataError("no deployments", expected="one for each place of a camera")
    for picture in listed:
        if picture.taken is None:
            raise DataError(f"{picture.file} without a date", expected="when it was taken")
        if picture.location not in places:
            raise DataError(
                f"{picture.file} at {picture.location!r}",
                expected=f"one of the deployments: {', '.join(map(repr, places))}",
            )
    times = _times(listed, zone)
    used = [_deployment(d, times, zone) for d in deployments]
    rows = {
        "deployments": used,
        "media": [media_row(p, zone) for p in listed],
        "observations": observation_rows(listed, zone, taxa or {}, classified_by),
    }
    about = _PROJECT | {"title": title} | dict(project or {})
    check_project(about)
    for table, found in rows.items():
        check_rows(table, found)
    out.mkdir(parents=True, exist_ok=True)
    for table, found in rows.items():
        write_table(out / f"{table}.csv", list(TABLES[table]), found)
    names = sorted({(taxa or {})[label] for label in labels_of(listed) if label in (taxa or {})})
    document = {
        "resources": [_resource(table) for table in TABLES],
        "profile": schema_url("profile"),
        "created": (created or datetime.now(UTC)).isoformat(timespec="seconds"),
        "title": title,
        "contributors": [{"title": contributor, "role": "contributor"}],
        "project": about,
        "spatial": _spatial(deployments),
        "temporal": {
            "start": min(d["deploymentStart"] for d in used)[:10],
            "end": max(d["deploymentEnd"] for d in used)[:10],
        },
        "taxonomic": [{"scientificName": name} for name in names],
    }
    (out / "datapackage.json").write_text(json.dumps(document, indent=1), encoding="utf-8")


_PROJECT: dict[str, Any] = {
    "samplingDesign": "opportunistic",
    "captureMethod": ["activityDetection"],
    "individualAnimals": False,
    "observationLevel": ["media"],
}


def _times(pictures: list[TrapPicture], zone: tzinfo) -> dict[str, list[str]]:
    times: dict[str, list[str]] = {}
    for picture in pictures:
        times.setdefault(str(picture.location), []).append(stamp(picture.taken, zone))
    return times


def _deployment(given: Deployment, times: dict[str, list[str]], zone: tzinfo) -> dict[str, Any]:
    seen = sorted(times.get(given.name, []), key=datetime.fromisoformat)
    if not seen and (given.start is None or given.end is None):
        raise DataError(
            f"deployment {given.name!r} without pictures, start and end", expected="its dates"
        )
    return {
        "deploymentID": given.name,
        "locationID": given.name,
        "locationName": given.name,
        "latitude": given.latitude,
        "longitude": given.longitude,
        "deploymentStart": stamp(given.start, zone) if given.start else seen[0],
        "deploymentEnd": stamp(given.end, zone) if given.end else seen[-1],
        "cameraID": given.camera,
        "cameraModel": given.model,
        **(given.fields or {}),
    }


def _resource(table: str) -> dict[str, Any]:
    return {
        "name": table,
        "path": f"{table}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema_url(table),
    }


def _spatial(deployments: Sequence[Deployment]) -> dict[str, Any]:
    across = [d.longitude for d in deployments]
    up = [d.latitude for d in deployments]
    west, east, south, north = min(across), max(across), min(up), max(up)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}
