"""Training once more, on what the first detector says of the boxes it learned from.

Whether the second detector is the better one is not known without true boxes, and often it is not. It is
kept only if it agrees better with the localizer's boxes in pictures that neither learned from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from irbis.detect.catalog import Catalog
from irbis.detect.evaluate import evaluate, iou_matrix
from irbis.detect.outcome import Found
from irbis.detect.pseudo import PseudoBoxes

__all__ = ["Relabelled", "Verdict", "agreement_with", "relabelled", "verdict"]

Boxes = npt.NDArray[np.float32]

_SURE = 0.5  # score from which on the detector's box counts
_SAME = 0.5  # IoU from which on two boxes are of one thing
_NONE: Boxes = np.zeros((0, 4), np.float32)


@dataclass(frozen=True)
class Relabelled:
    """A picture's boxes to learn from, and its regions that teach nothing."""

    boxes: Boxes
    ignore: Boxes


def relabelled(guessed: Boxes, found: Boxes, scores: npt.NDArray[np.floating]) -> Relabelled:
    """Put the localizer's boxes and the detector's together.

    Where both see the same thing, the box is the mean of theirs. What the detector alone is sure of
    is added; what it does not see teaches nothing: neither that it is the thing, nor that it is not.
    A picture in which it is sure of nothing stays as it is.

    Parameters
    ----------
    guessed : ndarray of float32, shape (k, 4)
        The localizer's.
    found : ndarray of float32, shape (n, 4)
        The detector's; those with a score of 0.5 or more count.
    scores : ndarray, shape (n,)

    Examples
    --------
    >>> there, new, gone = [0, 0, 10, 10], [20, 0, 30, 10], [50, 0, 60, 10]
    >>> guessed, found = np.array([there, gone], np.float32), np.array([there, new], np.float32)
    >>> both = relabelled(guessed, found, np.array([0.9, 0.8]))
    >>> both.boxes.tolist(), both.ignore.tolist()
    ([[0.0, 0.0, 10.0, 10.0], [20.0, 0.0, 30.0, 10.0]], [[50.0, 0.0, 60.0, 10.0]])
    """
    sure = np.asarray(found, np.float32).reshape(-1, 4)[np.asarray(scores) >= _SURE]
    guessed = np.asarray(guessed, np.float32).reshape(-1, 4)
    if not len(sure) or not len(guessed):
        return Relabelled(np.concatenate([guessed, sure]), _NONE)
    overlap = iou_matrix(guessed, sure)
    nearest, seen = overlap.argmax(axis=1), overlap.max(axis=1) >= _SAME
    means = (guessed[seen] + sure[nearest[seen]]) / 2
    new = overlap.max(axis=0) < _SAME
    return Relabelled(np.concatenate([means, sure[new]]), guessed[~seen])


def agreement_with(pseudo: PseudoBoxes, found: Mapping[str, Found], catalog: Catalog) -> float:
    """AP50 of a detector in held-out pictures, with the localizer's boxes in place of true ones.

    Held-out pictures of other things count too: whatever is found there is wrong.

    Returns
    -------
    float
        NaN if the localizer has no box there.
    """
    boxed = [p for p in catalog.paths(1.0, True) if p in pseudo.boxes and pseudo.boxes[p].used]
    others = catalog.paths(0.0, True)
    guessed = [pseudo.boxes[p].boxes[pseudo.boxes[p].good] for p in boxed]
    finds = [(found[p].boxes, found[p].scores) for p in [*boxed, *others]]
    return evaluate(finds, [*guessed, *[_NONE] * len(others)]).ap50


@dataclass(frozen=True)
class Verdict:
    """Which of two detectors is kept.

    Parameters
    ----------
    kept : bool
        Whether it is the second.
    first_agreement, second_agreement : float
        Of :func:`agreement_with`.
    """

    kept: bool
    first_agreement: float
    second_agreement: float

    def row(self) -> dict[str, Any]:
        """What report.json says of it."""
        return asdict(self)


def verdict(
    pseudo: PseudoBoxes, first: Mapping[str, Found], second: Mapping[str, Found], catalog: Catalog
) -> Verdict:
    """The second is kept only if it agrees better with boxes that neither learned from."""
    before, after = (agreement_with(pseudo, found, catalog) for found in (first, second))
    return Verdict(after > before, before, after)
