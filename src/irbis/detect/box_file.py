"""Boxes somebody else's program drew: MegaDetector's files, and COCO's, as a box source."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from irbis.detect.by_name import ByName
from irbis.detect.examples import Example
from irbis.errors import DataError
from irbis.formats.coco import read_coco
from irbis.formats.megadetector import validate
from irbis.image.codec import Picture

__all__ = ["BoxFile", "FileBoxes", "boxes_from_file"]

_ANIMAL = "animal"  # MegaDetector's categories: animal, person, vehicle


@dataclass(frozen=True)
class FileBoxes:
    """What the file says of one picture.

    Parameters
    ----------
    shares : ndarray of float64, shape (k, 4)
        xmin, ymin, xmax, ymax as shares of the upright picture, best score first.
    scores : ndarray of float32, shape (k,)
        1 where the file has none.
    """

    shares: npt.NDArray[np.float64]
    scores: npt.NDArray[np.float32]

    def pixels(self, width: int, height: int) -> npt.NDArray[np.float32]:
        """Boxes in pixels of the picture at that size."""
        size = np.array([width, height, width, height])
        return np.asarray(self.shares * size, dtype=np.float32)

    def at_least(self, score: float) -> FileBoxes:
        """Those with that score."""
        keep = self.scores >= score
        return FileBoxes(self.shares[keep], self.scores[keep])


@dataclass(frozen=True)
class BoxFile:
    """Boxes by picture.

    Parameters
    ----------
    entries : ByName of FileBoxes
    categories : tuple of str
        Those that were taken.
    names : tuple of str
        Pictures the file speaks of, whether it has a box for them or not; failed ones are left out.
    """

    entries: ByName[FileBoxes]
    categories: tuple[str, ...]
    names: tuple[str, ...]

    def find(self, path: str) -> FileBoxes | None:
        """What the file says of a picture; None if it doesn't know it."""
        return self.entries.find(path)

    def examples(
        self, pictures: Iterable[tuple[str, Picture]], min_score: float = 0.2
    ) -> list[Example]:
        """Pictures with their boxes, to train on.

        A box counts by its score. One below `min_score` is a region that teaches nothing: maybe an
        animal, maybe not. Pictures the file doesn't know, or has only such boxes for, are left out;
        those it calls empty are negatives.

        Parameters
        ----------
        pictures : iterable of (path, picture)
        min_score : float, default 0.2
            MegaDetector's usual threshold.
        """
        found = []
        for path, picture in pictures:
            known = self.find(path)
            if known is None:
                continue
            height, width = picture.shape[:2]
            sure = known.at_least(min_score)
            if len(known.scores) and not len(sure.scores):
                continue
            found.append(
                Example(
                    picture,
                    sure.pixels(width, height),
                    np.ones(len(sure.scores), np.int64),
                    sure.scores,
                    known.pixels(width, height)[len(sure.scores) :],
                )
            )
        return found


def boxes_from_file(path: str | Path, categories: Sequence[str] | None = None) -> BoxFile:
    """Read boxes from a MegaDetector batch file (format 1.0 to 1.6) or a COCO file.

    Parameters
    ----------
    path : str or Path
    categories : sequence of str, optional
        Which boxes are of the target. None: "animal" where the file has it (MegaDetector's), else
        the only category there is.

    Raises
    ------
    DataError
        If it is neither format, or it has to be said which categories.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", expected="a file of boxes") from None
    except ValueError:
        document = None
    if isinstance(document, dict) and "detection_categories" in document:
        validate(document)
        taken = _chosen(categories, list(document["detection_categories"].values()), path)
        entries = _mega(document, taken)
    elif isinstance(document, dict) and "annotations" in document:
        images = read_coco(path)
        known = sorted({label for image in images.values() for label in image.labels})
        taken = _chosen(categories, known, path)
        entries = {
            name: _coco(image.width, image.height, image, taken) for name, image in images.items()
        }
    else:
        raise DataError(
            f"{path}",
            expected="MegaDetector's JSON (images, detection_categories) or COCO's "
            "(images, annotations, categories)",
        )
    return BoxFile(ByName(entries), tuple(taken), tuple(entries))


def _chosen(wanted: Sequence[str] | None, known: list[str], path: str | Path) -> list[str]:
    if wanted is None:
        wanted = [_ANIMAL] if _ANIMAL in (k.casefold() for k in known) else known
        if len(wanted) != 1:
            raise DataError(
                f"categories {known} in {path}", expected="to be told which", do="name categories"
            )
    named = {w.casefold() for w in wanted}
    missing = named - {k.casefold() for k in known}
    if missing:
        raise DataError(f"categories {known} in {path}", expected=f"{sorted(missing)} among them")
    return [k for k in known if k.casefold() in named]


def _mega(document: dict[str, Any], taken: list[str]) -> dict[str, FileBoxes]:
    numbers = {n for n, name in document["detection_categories"].items() if name in taken}
    found = {}
    for image in document["images"]:
        if image.get("detections") is None:
            continue  # it failed: nothing is known of it
        rows = [d for d in image["detections"] if d["category"] in numbers]
        corners = np.asarray([d["bbox"] for d in rows], np.float64).reshape(-1, 4)
        corners[:, 2:] += corners[:, :2]
        found[image["file"]] = _sorted(corners, [d["conf"] for d in rows])
    return found


def _coco(width: int, height: int, image: Any, taken: list[str]) -> FileBoxes:
    keep = [label in taken for label in image.labels]
    scores = np.ones(len(keep)) if image.scores is None else np.asarray(image.scores)
    size = np.array([width, height, width, height], np.float64)
    return _sorted(image.boxes[keep] / size, scores[keep])


def _sorted(shares: np.ndarray, scores: Any) -> FileBoxes:
    """Best score first; inside the picture; those without area are left out."""
    inside = np.clip(shares, 0.0, 1.0)
    values = np.asarray(scores, np.float32).reshape(-1)
    good = (inside[:, 2:] > inside[:, :2]).all(axis=1)
    order = np.argsort(-values[good], kind="stable")
    return FileBoxes(inside[good][order], values[good][order])
