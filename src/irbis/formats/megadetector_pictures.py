"""MegaDetector's batch output, read and written as pictures of camera traps.

What others write is read leniently, as the format allows: a null failure, whole numbers as
confidences, fields of videos. What we write is checked by :func:`irbis.formats.megadetector.validate`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from irbis.errors import DataError
from irbis.formats.megadetector import FORMAT_VERSION, write_megadetector
from irbis.formats.trap import TrapDetection, TrapPicture, labels_of

__all__ = ["MegaBatch", "read_megadetector", "write_megadetector_pictures"]

_DETECTION = {"category", "conf", "bbox", "classifications"}
_PICTURE = {"file", "detections", "failure"}


@dataclass(frozen=True)
class MegaBatch:
    """A batch file.

    Parameters
    ----------
    pictures : list of TrapPicture
    labels, classes : dict of str to str
        Number and name of the detector's categories and of the classifier's.
    info : dict
    extra : dict
        Other fields of the document, such as descriptions of the classes.
    """

    pictures: list[TrapPicture]
    labels: dict[str, str]
    classes: dict[str, str] = field(default_factory=dict)
    info: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)


def read_megadetector(path: str | Path) -> MegaBatch:
    """Read a batch file of format 1.0 to 1.6.

    Detections of a category that the file does not list are left out: the format says that they
    count as none.

    Raises
    ------
    DataError
        If it is none; says where it differs.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        labels = {str(n): str(name) for n, name in document["detection_categories"].items()}
        given = document.get("classification_categories") or {}
        classes = {str(n): str(name) for n, name in given.items()}
        pictures = [_picture(image, labels, classes) for image in document["images"]]
        info = dict(document["info"])
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", expected="a MegaDetector file") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path}, which lacks or garbles {error}",
            expected="MegaDetector's batch output: info, detection_categories, images",
        ) from None
    known = {"info", "detection_categories", "classification_categories", "images"}
    extra = {k: v for k, v in document.items() if k not in known}
    return MegaBatch(pictures, labels, classes, info, extra)


def _picture(image: dict[str, Any], labels: dict[str, str], classes: dict[str, str]) -> TrapPicture:
    failure, listed = image.get("failure"), image.get("detections")
    if failure is None and listed is None:
        raise ValueError(f"detections of {image['file']!r}")
    found = [] if failure is not None or listed is None else listed
    return TrapPicture(
        str(image["file"]),
        tuple(_detection(d, labels, classes) for d in found if str(d["category"]) in labels),
        None if failure is None else str(failure),
        extra={k: v for k, v in image.items() if k not in _PICTURE},
    )


def _detection(
    found: dict[str, Any], labels: dict[str, str], classes: dict[str, str]
) -> TrapDetection:
    x, y, width, height = (float(v) for v in found["bbox"])
    return TrapDetection(
        labels[str(found["category"])],
        float(found["conf"]),
        (x, y, width, height),
        tuple((classes[str(n)], float(s)) for n, s in found.get("classifications") or ()),
        {k: v for k, v in found.items() if k not in _DETECTION},
    )


def write_megadetector_pictures(
    path: str | Path,
    pictures: Iterable[TrapPicture],
    *,
    labels: Mapping[str, str] | Sequence[str] = (),
    classes: Mapping[str, str] | None = None,
    info: Mapping[str, Any] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Write a batch file of format 1.6, numbers in full.

    The format has no room for a picture's size, date, place and sequence, nor for a detection
    without a box or a score.

    Parameters
    ----------
    path : str or Path
    pictures : iterable of TrapPicture
    labels : mapping of number to name, or sequence of names
        Default: the labels that occur, numbered from "1" in order of name.
    classes : mapping of number to name, optional
        Default: the classes that occur.
    info, extra : mapping, optional
        Fields of "info", and beside it.

    Raises
    ------
    DataError
        For what the format can't hold.
    """
    listed = list(pictures)
    names = labels if isinstance(labels, Mapping) else _numbered(labels or labels_of(listed))
    said = sorted({c for p in listed for d in p.detections for c, _ in d.classifications})
    kinds = _numbered(said) if classes is None else classes
    numbers = {name: number for number, name in names.items()}
    codes = {name: number for number, name in kinds.items()}
    document = {
        "info": {"detector": "irbis", **(info or {}), "format_version": FORMAT_VERSION},
        "detection_categories": dict(names),
        **({"classification_categories": dict(kinds)} if kinds else {}),
        **(extra or {}),
        "images": [_image(picture, numbers, codes) for picture in listed],
    }
    write_megadetector(path, document)


def _numbered(names: Iterable[str]) -> dict[str, str]:
    return {str(at): name for at, name in enumerate(names, start=1)}


def _image(
    picture: TrapPicture, numbers: Mapping[str, str], codes: Mapping[str, str]
) -> dict[str, Any]:
    if picture.failure is not None:
        return {
            "file": picture.file,
            "failure": picture.failure,
            "detections": None,
            **picture.extra,
        }
    made = []
    for found in picture.detections:
        if found.box is None or found.score is None:
            raise DataError(
                f"{picture.file}: a {found.label} without a box or a score",
                expected="both: MegaDetector's format asks for them",
            )
        if found.label not in numbers:
            raise DataError(f"label {found.label!r}", expected=f"one of {sorted(numbers)}")
        one: dict[str, Any] = {
            "category": numbers[found.label],
            "conf": found.score,
            "bbox": list(found.box),
        }
        if found.classifications:
            one["classifications"] = [[codes[c], s] for c, s in found.classifications]
        made.append(one | dict(found.extra))
    return {"file": picture.file, "detections": made, **picture.extra}
