"""COCO's JSON of boxes (https://cocodataset.org/#format-data): reading truth, writing results."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from irbis.errors import DataError

__all__ = ["CocoImage", "read_coco", "write_coco"]

Boxes = npt.NDArray[np.float32]


@dataclass(frozen=True)
class CocoImage:
    """A picture and its boxes.

    Parameters
    ----------
    file_name : str
    width, height : int, pixels
    boxes : ndarray of float32, shape (k, 4)
        xmin, ymin, xmax, ymax in pixels.
    labels : list of str
        Category names, one a box.
    scores : list of float or None
        One a box, if the boxes were guessed.
    """

    file_name: str
    width: int
    height: int
    boxes: Boxes
    labels: list[str] = field(default_factory=list)
    scores: list[float] | None = None


def read_coco(path: str | Path) -> dict[str, CocoImage]:
    """Read a COCO file; crowd regions are left out, as COCO's own evaluation does for one box.

    Returns
    -------
    dict of file name to CocoImage

    Raises
    ------
    DataError
        If the file is not COCO; says what is missing.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        names = {c["id"]: str(c["name"]) for c in document["categories"]}
        found: dict[Any, list[dict[str, Any]]] = {i["id"]: [] for i in document["images"]}
        for annotation in document["annotations"]:
            if not annotation.get("iscrowd"):
                found[annotation["image_id"]].append(annotation)
        images = [_image(i, found[i["id"]], names) for i in document["images"]]
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", expected="a COCO file") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path}, which lacks or garbles {error}",
            expected="COCO JSON with images, annotations (bbox: x, y, width, height), categories",
        ) from None
    by_name = {image.file_name: image for image in images}
    if len(by_name) < len(images):
        raise DataError(f"{path}, where a file name stands twice", expected="one entry a picture")
    return by_name


def _image(
    image: dict[str, Any], annotations: list[dict[str, Any]], names: dict[Any, str]
) -> CocoImage:
    corners = np.asarray([a["bbox"] for a in annotations], dtype=np.float32).reshape(-1, 4)
    if not np.isfinite(corners).all() or (corners[:, 2:] < 0).any():
        raise ValueError(f"bbox {corners.tolist()}")
    corners[:, 2:] += corners[:, :2]
    return CocoImage(
        str(image["file_name"]),
        int(image["width"]),
        int(image["height"]),
        corners,
        [names[a["category_id"]] for a in annotations],
        [float(a["score"]) for a in annotations]
        if all("score" in a for a in annotations)
        else None,
    )


def write_coco(
    path: str | Path, images: Iterable[CocoImage], info: Mapping[str, Any] | None = None
) -> None:
    """Write a COCO file; categories are numbered from 1 in order of name."""
    listed = list(images)
    labels = sorted({label for image in listed for label in image.labels})
    numbers = {label: at for at, label in enumerate(labels, start=1)}
    annotations: list[dict[str, Any]] = []
    for at, image in enumerate(listed, start=1):
        for k, (box, label) in enumerate(zip(image.boxes, image.labels, strict=True)):
            x, y, right, bottom = (float(v) for v in box)
            found = {
                "id": len(annotations) + 1,
                "image_id": at,
                "category_id": numbers[label],
                "bbox": [x, y, right - x, bottom - y],
                "area": (right - x) * (bottom - y),
                "iscrowd": 0,
            }
            if image.scores is not None:
                found["score"] = image.scores[k]
            annotations.append(found)
    document = {
        "info": dict(info or {}),
        "categories": [{"id": n, "name": label} for label, n in numbers.items()],
        "images": [
            {"id": at, "file_name": i.file_name, "width": i.width, "height": i.height}
            for at, i in enumerate(listed, start=1)
        ],
        "annotations": annotations,
    }
    Path(path).write_text(json.dumps(document, indent=1), encoding="utf-8")
