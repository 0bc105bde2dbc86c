"""Choosing the rule by a few pictures with boxes: 5 to 10 of them, which train and test nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from irbis.detect.boxing import Boxing
from irbis.detect.evaluate import iou_matrix
from irbis.detect.heat import Heat
from irbis.errors import DataError

__all__ = ["RULES_TRIED", "Calibration", "calibrate"]

#: Rules that are compared, loosest first within each kind.
RULES_TRIED: tuple[tuple[str, float | None], ...] = (
    ("positive", None),
    *(("std", f) for f in (0.1, 0.25, 0.5, 0.75, 1.0)),
    *(("max", f) for f in (0.1, 0.2, 0.3, 0.4)),
    ("otsu", None),
    *(("percentile", f) for f in (0.6, 0.7, 0.8)),
)


@dataclass(frozen=True)
class Calibration:
    """The rule that was chosen, and what each gave.

    Parameters
    ----------
    rule : str
    fraction : float or None
    pictures : int
        Compared on.
    tried : dict of str to float
        Mean IoU by rule.
    """

    rule: str
    fraction: float | None
    pictures: int
    tried: dict[str, float]


def calibrate(
    heats: Mapping[str, Heat],
    truth: Mapping[str, npt.NDArray[np.float32]],
    default: tuple[str, float | None],
    candidates: Sequence[tuple[str, float | None]] = RULES_TRIED,
) -> Calibration:
    """Take the rule whose boxes overlap the given ones best, the mean IoU over the pictures.

    Parameters
    ----------
    heats : mapping of name to heat map
    truth : mapping of name to boxes
        As shares of the picture, shape (k, 4), for some of the names.
    default : (rule, fraction)
        Kept unless another is better.
    candidates : sequence of (rule, fraction)

    Raises
    ------
    DataError
        If no picture has both.
    """
    both = [name for name in heats if len(truth.get(name, ()))]
    if not both:
        raise DataError(
            "boxes to calibrate with, of none of the pictures that teach",
            expected="boxes of 5 to 10 of them",
            do="name the files as they lie below --images; held-out ones do not count",
        )
    scores: dict[tuple[str, float | None], float] = {}
    for rule, fraction in (default, *candidates):
        boxing = Boxing(rule, fraction)
        overlaps = [_overlap(boxing, heats[name], truth[name]) for name in both]
        scores[rule, fraction] = float(np.mean(overlaps))
    # The first of equals: the default, then the looser.
    best = max(scores, key=lambda key: scores[key])
    named = {r if f is None else f"{r}={f:g}": score for (r, f), score in scores.items()}
    return Calibration(*best, len(both), named)


def _overlap(boxing: Boxing, heat: Heat, true: npt.NDArray[np.float32]) -> float:
    parts = boxing.parts(heat)
    if not parts:
        return 0.0
    return float(iou_matrix(np.array([parts[0][0]]), true).max())
