"""MegaDetector's batch output, format 1.6: what Timelapse and AddaxAI read.

https://lila.science/megadetector-output-format. Boxes are x, y, width, height as shares of the
picture; a picture that failed has a failure and null detections, one without a find an empty list.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from irbis.errors import DataError

__all__ = [
    "FORMAT_VERSION",
    "MegaImage",
    "check_entry",
    "entry_of",
    "megadetector_document",
    "validate",
    "write_megadetector",
]

FORMAT_VERSION = "1.6"
_ROUND = 2e-5  # two numbers of five places each


@dataclass(frozen=True)
class MegaImage:
    """Detections in one picture.

    Parameters
    ----------
    file : str
        Relative name, with forward slashes.
    width, height : int, pixels
    boxes : ndarray of float32, shape (n, 4)
        xmin, ymin, xmax, ymax in pixels.
    labels : sequence of str
    scores : sequence of float
    failure : str or None
        What went wrong; the rest is ignored then.
    """

    file: str
    width: int
    height: int
    boxes: npt.NDArray[np.float32]
    labels: Sequence[str]
    scores: Sequence[float]
    failure: str | None = None


def megadetector_document(
    images: Sequence[MegaImage], labels: Sequence[str], info: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Make the document; categories are numbered from "1" in the order of `labels`."""
    numbers = {label: str(at) for at, label in enumerate(labels, start=1)}
    return {
        "info": {"detector": "irbis", **(info or {}), "format_version": FORMAT_VERSION},
        "detection_categories": {number: label for label, number in numbers.items()},
        "images": [entry_of(image, numbers) for image in images],
    }


def entry_of(image: MegaImage, numbers: Mapping[str, str]) -> dict[str, Any]:
    """What the document says of a picture; `numbers` are the categories by label."""
    if image.failure is not None:
        return {"file": image.file, "failure": image.failure, "detections": None}
    detections = []
    for box, label, score in zip(image.boxes, image.labels, image.scores, strict=True):
        x, right = (min(max(float(v) / image.width, 0.0), 1.0) for v in (box[0], box[2]))
        y, bottom = (min(max(float(v) / image.height, 0.0), 1.0) for v in (box[1], box[3]))
        detections.append(
            {
                "category": numbers[label],
                "conf": round(float(score), 5),
                "bbox": [round(v, 5) for v in (x, y, right - x, bottom - y)],
            }
        )
    return {"file": image.file, "detections": detections}


def write_megadetector(path: str | Path, document: dict[str, Any]) -> None:
    """Check a document and write it."""
    validate(document)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(json.dumps(document, indent=1), encoding="utf-8")


def validate(document: Any) -> None:
    """Check a document against the format.

    Raises
    ------
    DataError
        With the first thing that is wrong and where it stands.
    """
    _need(isinstance(document, dict), "the document", "an object")
    for key in ("info", "detection_categories", "images"):
        _need(key in document, f"no {key!r}", "info, detection_categories and images")
    info, categories = document["info"], document["detection_categories"]
    version = info.get("format_version") if isinstance(info, dict) else None
    _need(isinstance(version, str), f"info.format_version={version!r}", "a string such as '1.6'")
    _need(isinstance(categories, dict), "detection_categories", "an object")
    for number, name in categories.items():
        good = isinstance(number, str) and number.isdigit() and number != "0"
        _need(good, f"category {number!r}", "a number above 0, as a string")
        _need(isinstance(name, str), f"category {number!r} named {name!r}", "a string")
    _need(isinstance(document["images"], list), "images", "a list")
    for at, image in enumerate(document["images"]):
        check_entry(image, f"images[{at}]", categories)


def check_entry(image: Any, where: str, categories: Mapping[str, str]) -> None:
    """Check what a document says of a picture; raises as :func:`validate`."""
    _need(isinstance(image, dict), where, "an object")
    _need(isinstance(image.get("file"), str) and bool(image["file"]), where, "a file name")
    detections = image.get("detections", ...)
    if "failure" in image:
        _need(isinstance(image["failure"], str), f"{where}.failure", "a string")
        _need(detections is None, f"{where}.detections", "null beside a failure")
        return
    _need(isinstance(detections, list), f"{where}.detections={detections!r}", "a list")
    for found in detections:
        _need(isinstance(found, dict), f"{where}.detections", "objects")
        category, conf, box = found.get("category"), found.get("conf"), found.get("bbox")
        known = isinstance(category, str) and category in categories
        _need(known, f"{where}.category={category!r}", "a known category")
        _need(_share(conf) and isinstance(conf, float), f"{where}.conf={conf!r}", "0.0 to 1.0")
        inside = isinstance(box, list) and len(box) == 4 and all(_share(v) for v in box)
        inside = inside and box[0] + box[2] <= 1 + _ROUND and box[1] + box[3] <= 1 + _ROUND
        _need(inside, f"{where}.bbox={box!r}", "x, y, width, height within 0 to 1")


def _need(right: bool, where: str, expected: str) -> None:
    if not right:
        raise DataError(where, expected=expected)


def _share(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1
