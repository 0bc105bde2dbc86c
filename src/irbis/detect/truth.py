"""Human boxes, and how the machine's compare: on held-out pictures alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from irbis.detect.by_name import ByName
from irbis.detect.catalog import Catalog
from irbis.detect.evaluate import Evaluation, centre_box, evaluate, wilson_interval
from irbis.detect.outcome import Found
from irbis.detect.pseudo import PseudoBoxes
from irbis.errors import DataError
from irbis.formats.coco import read_coco

__all__ = ["Scores", "Truth", "score"]

Prediction = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]

_EMPTY = np.zeros((0, 4), dtype=np.float32)


class Truth:
    """Boxes of the target by picture; see :class:`irbis.detect.by_name.ByName`."""

    def __init__(self, by_name: dict[str, npt.NDArray[np.float32]]) -> None:
        self._by_name = ByName(by_name)

    @classmethod
    def read(cls, path: str | Path, target: str) -> Truth:
        """Read a COCO file; only boxes whose category is named `target` count.

        Raises
        ------
        DataError
            If it is no COCO file, or has no such category.
        """
        images = read_coco(path)
        wanted = target.casefold()
        known = sorted({label for image in images.values() for label in image.labels})
        if wanted not in (label.casefold() for label in known):
            raise DataError(f"categories {known} in {path}", expected=f"one named {target!r}")
        return cls(
            {
                name: image.boxes[[label.casefold() == wanted for label in image.labels]]
                for name, image in images.items()
            }
        )

    def find(self, path: str) -> npt.NDArray[np.float32] | None:
        """True boxes of a picture (maybe none), or None if the file does not know the picture."""
        return self._by_name.find(path)

    def knows_any(self, paths: Sequence[str]) -> bool:
        """Whether there is a true box for any of the pictures."""
        return any(found is not None and len(found) > 0 for found in map(self.find, paths))


@dataclass(frozen=True)
class Scores:
    """Measures on the held-out pictures of the target that have human boxes.

    Parameters
    ----------
    centre, pseudo, detector : Evaluation
        Of the box in the middle, of the pseudo boxes, of the trained detector.
    with_others : Evaluation
        Of the detector with the held-out pictures of other things added, where a find is wrong unless a
        person boxed it there too.
    interval : (float, float)
        95 % interval of the detector's CorLoc at 0.5.
    """

    centre: Evaluation
    pseudo: Evaluation
    detector: Evaluation
    with_others: Evaluation
    interval: tuple[float, float]

    @property
    def images(self) -> int:
        """Pictures measured on."""
        return self.detector.images

    @property
    def objects(self) -> int:
        """True boxes in them."""
        return self.detector.objects


def score(truth: Truth, catalog: Catalog, pseudo: PseudoBoxes, found: dict[str, Found]) -> Scores:
    """Measure the three kinds of boxes on the same pictures."""
    paths = [p for p in catalog.paths(1.0, True) if (t := truth.find(p)) is not None and len(t)]
    true = [truth.find(p) for p in paths]
    boxes = [t for t in true if t is not None]
    detector = evaluate([_of(found, p) for p in paths], boxes)
    others = catalog.paths(0.0, True)
    # What a person boxed there all the same is no false find.
    beside = [_EMPTY if (t := truth.find(p)) is None else t for p in others]
    right = round(detector.corloc * detector.images)
    return Scores(
        centre=evaluate([_centre(pseudo, p) for p in paths], boxes),
        pseudo=evaluate([_pseudo(pseudo, p) for p in paths], boxes),
        detector=detector,
        with_others=evaluate([_of(found, p) for p in [*paths, *others]], [*boxes, *beside]),
        interval=wilson_interval(right, detector.images),
    )


def _of(found: dict[str, Found], path: str) -> Prediction:
    return found[path].boxes, found[path].scores


def _pseudo(pseudo: PseudoBoxes, path: str) -> Prediction:
    known = pseudo.boxes.get(path)
    return (_EMPTY, np.zeros(0, np.float32)) if known is None else (known.boxes, known.scores)


def _centre(pseudo: PseudoBoxes, path: str) -> Prediction:
    known = pseudo.boxes[path]
    return centre_box(known.width, known.height)[None], np.ones(1, np.float32)
