"""COCO Camera Traps, the format of LILA's data sets: COCO with places, dates and sequences.

https://lila.science/coco-camera-traps. Boxes are in pixels where the picture's size is known, and
``bbox_relative`` where it is not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from irbis.errors import DataError
from irbis.formats.trap import Box, TrapDetection, TrapPicture, labels_of

__all__ = ["EMPTY", "read_camera_traps", "write_camera_traps"]

#: Category 0: somebody or something looked, and there was nothing.
EMPTY = "empty"
_FAILURE = "failure"  # ours, beside the format's own flag `corrupt`
_IMAGE = {
    "id", "file_name", "width", "height", "datetime", "location", "seq_id", "frame_num",
    "seq_num_frames", "corrupt", _FAILURE,
}  # fmt: skip
_ANNOTATION = {"id", "image_id", "category_id", "bbox", "bbox_relative", "score", "area", "iscrowd"}


def read_camera_traps(path: str | Path) -> list[TrapPicture]:
    """Read a COCO Camera Traps file.

    Raises
    ------
    DataError
        If it is none; says what is missing.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        names = {c["id"]: str(c["name"]) for c in document["categories"]}
        found: dict[Any, list[dict[str, Any]]] = {i["id"]: [] for i in document["images"]}
        for annotation in document["annotations"]:
            found[annotation["image_id"]].append(annotation)
        return [_picture(i, found[i["id"]], names) for i in document["images"]]
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", expected="a COCO file") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path}, which lacks or garbles {error}",
            expected="COCO Camera Traps: images, annotations, categories",
        ) from None


def _picture(
    image: dict[str, Any], annotations: list[dict[str, Any]], names: dict[Any, str]
) -> TrapPicture:
    size = image.get("width"), image.get("height")
    failure = image.get(_FAILURE) or ("corrupt" if image.get("corrupt") else None)
    finds = [a for a in annotations if names[a["category_id"]] != EMPTY]
    place, sequence, taken = image.get("location"), image.get("seq_id"), image.get("datetime")
    return TrapPicture(
        str(image["file_name"]),
        () if failure else tuple(_detection(a, size, names) for a in finds),
        failure,
        *size,
        taken=None if taken is None else datetime.fromisoformat(taken),
        location=None if place is None else str(place),
        sequence=None if sequence is None else str(sequence),
        frame=image.get("frame_num"),
        frames=image.get("seq_num_frames"),
        extra={k: v for k, v in image.items() if k not in _IMAGE},
    )


def _detection(
    annotation: dict[str, Any], size: tuple[int | None, int | None], names: dict[Any, str]
) -> TrapDetection:
    box: Box | None = None
    if "bbox_relative" in annotation:
        x, y, width, height = (float(v) for v in annotation["bbox_relative"])
        box = (x, y, width, height)
    elif "bbox" in annotation:
        x, y, width, height = (float(v) for v in annotation["bbox"])
        if not size[0] or not size[1]:
            raise ValueError("the size of a picture with a box in pixels")
        box = (x / size[0], y / size[1], width / size[0], height / size[1])
    return TrapDetection(
        names[annotation["category_id"]],
        annotation.get("score"),
        box,
        extra={k: v for k, v in annotation.items() if k not in _ANNOTATION},
    )


def write_camera_traps(
    path: str | Path, pictures: Iterable[TrapPicture], *, info: Mapping[str, Any] | None = None
) -> None:
    """Write a COCO Camera Traps file.

    Pictures with nothing in them get an annotation of the category "empty", failed ones the flag
    `corrupt`. The format has no room for a classifier's further guesses.

    Parameters
    ----------
    path : str or Path
    pictures : iterable of TrapPicture
    info : mapping, optional
        Fields of "info"; `version` and `description` are set if they are not.
    """
    listed = list(pictures)
    labels = [label for label in labels_of(listed) if label != EMPTY]
    numbers = {label: at for at, label in enumerate([EMPTY, *labels])}
    annotations: list[dict[str, Any]] = []
    for picture in listed:
        for found in picture.detections:
            annotations.append(_annotation(picture, found, numbers, len(annotations)))
        if not picture.detections and picture.failure is None:
            empty = {"id": str(len(annotations)), "image_id": picture.file, "category_id": 0}
            annotations.append(empty)
    document = {
        "info": {"version": "1.0", "description": "written by irbis", **(info or {})},
        "images": [_image(picture) for picture in listed],
        "categories": [{"id": at, "name": label} for label, at in numbers.items()],
        "annotations": annotations,
    }
    Path(path).write_text(json.dumps(document, indent=1), encoding="utf-8")


def _image(picture: TrapPicture) -> dict[str, Any]:
    fields = {
        "id": picture.file,
        "file_name": picture.file,
        "width": picture.width,
        "height": picture.height,
        "datetime": None if picture.taken is None else str(picture.taken),
        "location": picture.location,
        "seq_id": picture.sequence,
        "frame_num": picture.frame,
        "seq_num_frames": picture.frames,
        "corrupt": None if picture.failure is None else True,
        _FAILURE: picture.failure,
    }
    return {k: v for k, v in fields.items() if v is not None} | dict(picture.extra)


def _annotation(
    picture: TrapPicture, found: TrapDetection, numbers: dict[str, int], at: int
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": str(at),
        "image_id": picture.file,
        "category_id": numbers[found.label],
    }
    if found.score is not None:
        made["score"] = found.score
    if found.box is not None:
        x, y, width, height = found.box
        if picture.width and picture.height:
            across, down = picture.width, picture.height
            made["bbox"] = [x * across, y * down, width * across, height * down]
            # What COCO's own tools read beside it.
            made["area"], made["iscrowd"] = made["bbox"][2] * made["bbox"][3], 0
        else:
            made["bbox_relative"] = list(found.box)
    return made | dict(found.extra)
