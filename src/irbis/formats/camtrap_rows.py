"""Pictures and detections as rows of Camtrap DP's tables, and back."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import PurePosixPath
from typing import Any

from irbis.formats.trap import Box, TrapDetection, TrapPicture

__all__ = ["KINDS", "detection", "media_row", "observation_rows", "picture", "stamp"]

#: Labels that are no animal.
KINDS = {
    "person": "human",
    "human": "human",
    "people": "human",
    "vehicle": "vehicle",
    "car": "vehicle",
}
_LABEL, _CLASS, _FAILURE = "label:", "class:", "failure:"
_MEDIA_TYPES = {".webp": "image/webp"}  # not in every system's list
_SMALLEST = 1e-15  # the format's own: a box has some width


def stamp(taken: datetime | None, zone: tzinfo) -> str:
    """ISO 8601 with a zone and whole seconds, as the format has it.

    Examples
    --------
    >>> from datetime import UTC
    >>> stamp(datetime(2026, 3, 1, 22, 0, 5), UTC)
    '2026-03-01T22:00:05+00:00'
    """
    assert taken is not None
    known = taken if taken.tzinfo is not None else taken.replace(tzinfo=zone)
    return known.isoformat(timespec="seconds")


def media_row(found: TrapPicture, zone: tzinfo) -> dict[str, Any]:
    """Row of "media"."""
    suffix = PurePosixPath(found.file).suffix.lower()
    kind = _MEDIA_TYPES.get(suffix) or mimetypes.types_map.get(suffix) or "image/jpeg"
    size = {"ImageWidth": found.width, "ImageHeight": found.height}
    exif: dict[str, Any] = {k: v for k, v in size.items() if v is not None}
    if found.frame is not None or found.frames is not None:
        exif["SequenceNumber"], exif["SequenceLength"] = found.frame, found.frames
    return {
        "mediaID": found.file,
        "deploymentID": found.location,
        "timestamp": stamp(found.taken, zone),
        "filePath": found.file,
        "filePublic": False,
        "fileName": PurePosixPath(found.file).name,
        "fileMediatype": kind,
        "exifData": exif or None,
        "mediaComments": None if found.failure is None else f"{_FAILURE}{found.failure}",
    }


def observation_rows(
    pictures: Sequence[TrapPicture],
    zone: tzinfo,
    taxa: Mapping[str, str],
    classified_by: str | None,
) -> list[dict[str, Any]]:
    """Rows of "observations": one a detection, one for a picture without."""
    spans: dict[str, list[str]] = {}
    for each in pictures:
        spans.setdefault(each.sequence or each.file, []).append(stamp(each.taken, zone))
    rows = []
    for each in pictures:
        times = sorted(spans[each.sequence or each.file], key=datetime.fromisoformat)
        for at, found in enumerate(each.detections or (None,)):
            row: dict[str, Any] = {
                "observationID": f"{each.file}#{at}",
                "deploymentID": each.location,
                "mediaID": each.file,
                "eventID": each.sequence,
                "eventStart": times[0],
                "eventEnd": times[-1],
                "observationLevel": "media",
                "observationType": "blank" if each.failure is None else "unclassified",
            }
            rows.append(row if found is None else row | _observation(found, taxa, classified_by))
    return rows


def _observation(
    found: TrapDetection, taxa: Mapping[str, str], classified_by: str | None
) -> dict[str, Any]:
    tags = [f"{_LABEL}{found.label}", *(f"{_CLASS}{n}={s!r}" for n, s in found.classifications)]
    row: dict[str, Any] = {
        "observationType": KINDS.get(found.label.lower(), "animal"),
        "scientificName": taxa.get(found.label),
        "observationTags": " | ".join(tags),
        "classificationMethod": "human" if found.score is None else "machine",
        "classificationProbability": found.score,
        "classifiedBy": None if found.score is None else classified_by,
    }
    if found.box is not None:
        x, y, width, height = found.box
        sides = (x, y, max(width, _SMALLEST), max(height, _SMALLEST))
        row |= dict(zip(("bboxX", "bboxY", "bboxWidth", "bboxHeight"), sides, strict=True))
    return row


def picture(row: Mapping[str, str], observations: Sequence[Mapping[str, str]]) -> TrapPicture:
    """Make a picture of its row in "media" and its rows in "observations"."""
    said = row.get("mediaComments") or ""
    exif = json.loads(row.get("exifData") or "{}")
    found = [
        detection(o) for o in observations if o["observationType"] in ("animal", "human", "vehicle")
    ]
    events = [o["eventID"] for o in observations if o.get("eventID")]
    return TrapPicture(
        row["filePath"],
        tuple(found),
        said.removeprefix(_FAILURE) if said.startswith(_FAILURE) else None,
        exif.get("ImageWidth"),
        exif.get("ImageHeight"),
        datetime.fromisoformat(row["timestamp"]),
        row["deploymentID"],
        events[0] if events else None,
        exif.get("SequenceNumber"),
        exif.get("SequenceLength"),
    )


def detection(row: Mapping[str, str]) -> TrapDetection:
    """Make a detection of a row of "observations"."""
    tags = [tag.strip() for tag in (row.get("observationTags") or "").split(" | ")]
    labels = [tag.removeprefix(_LABEL) for tag in tags if tag.startswith(_LABEL)]
    classes = [tag.removeprefix(_CLASS).rpartition("=") for tag in tags if tag.startswith(_CLASS)]
    score, box = row.get("classificationProbability"), _box(row)
    return TrapDetection(
        labels[0] if labels else row.get("scientificName") or row["observationType"],
        float(score) if score else None,
        box,
        tuple((name, float(value)) for name, _, value in classes),
    )


def _box(row: Mapping[str, str]) -> Box | None:
    sides = [row.get(name) for name in ("bboxX", "bboxY", "bboxWidth", "bboxHeight")]
    if not all(sides):
        return None
    x, y, width, height = (float(side or 0) for side in sides)
    return x, y, width, height
