"""How good boxes are, for one class: CorLoc, AP as COCO computes it, and what chance would give."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from irbis.detect.matching import (
    THRESHOLDS,
    Match,
    average_precision,
    curve,
    iou_matrix,
    match,
)

__all__ = [
    "FALSE_ALARMS",
    "Evaluation",
    "centre_box",
    "evaluate",
    "iou_matrix",
    "measure",
    "wilson_interval",
]

Boxes = npt.NDArray[np.floating]
Values = npt.NDArray[np.float64]

#: False finds a picture at which recall is given.
FALSE_ALARMS = (0.01, 0.1, 0.5)

_AP50, _AP75, _AP70 = 0, 5, 10  # places in THRESHOLDS


@dataclass(frozen=True)
class Evaluation:
    """Measures over a set of pictures; None where there is nothing to measure.

    Parameters
    ----------
    images : int
        Pictures with at least one true box.
    objects : int
        True boxes.
    corloc, corloc70 : float
        Share of those pictures whose one best-scored box has IoU >= 0.5 (0.7) with any true box.
    mean_iou : float
        Mean over those pictures of that box's best IoU.
    ap50, ap70, ap75, ap : float
        Average precision at IoU 0.5, 0.7, 0.75, and averaged over 0.5 to 0.95 in steps of 0.05.
    recalls : dict of float to float
        Share of the true boxes found (IoU 0.5) at the lowest score with at most that many false
        finds a picture: :data:`FALSE_ALARMS`. All pictures count, those without an object too.
    precision, recall : ndarray of float64
        At IoU 0.5, after each detection in order of score.
    """

    images: int
    objects: int
    corloc: float
    corloc70: float
    mean_iou: float
    ap50: float
    ap70: float
    ap: float
    precision: Values
    recall: Values
    ap75: float = math.nan
    recalls: dict[float, float] = field(default_factory=dict)

    def located(self) -> dict[str, float]:
        """The three measures of single boxes."""
        return {"corloc": self.corloc, "corloc70": self.corloc70, "mean_iou": self.mean_iou}

    def all(self) -> dict[str, float]:
        """Every measure that is one number."""
        return {
            **self.located(),
            "ap50": self.ap50,
            "ap70": self.ap70,
            "ap75": self.ap75,
            "ap": self.ap,
        }


def evaluate(
    predictions: Sequence[tuple[Boxes, npt.NDArray[np.floating]]], truth: Sequence[Boxes]
) -> Evaluation:
    """Compare detections with true boxes, picture by picture.

    Parameters
    ----------
    predictions : sequence of (boxes, scores)
        Of shape (n, 4) and (n,); boxes are xmin, ymin, xmax, ymax.
    truth : sequence of boxes
        Of shape (m, 4), in the same order. A picture without one counts for AP: whatever is
        detected there is wrong.

    Returns
    -------
    Evaluation
        AP agrees with pycocotools to 1e-6 (101 recall points, at most 100 detections a picture).
    """
    return measure([match(p, t) for p, t in zip(predictions, truth, strict=True)])


def measure(matches: Sequence[Match]) -> Evaluation:
    """Measure what was matched already: a part of the pictures, or a sample with repeats."""
    best = np.array([m.best for m in matches if m.objects])
    objects = sum(m.objects for m in matches)
    curves = [curve(matches, at) for at in range(len(THRESHOLDS))]
    aps = [average_precision(*c[:2]) if objects else math.nan for c in curves]
    precision, recall, scores = curves[_AP50]
    return Evaluation(
        images=len(best),
        objects=objects,
        corloc=float((best >= 0.5).mean()) if len(best) else math.nan,
        corloc70=float((best >= 0.7).mean()) if len(best) else math.nan,
        mean_iou=float(best.mean()) if len(best) else math.nan,
        ap50=aps[_AP50],
        ap70=aps[_AP70],
        ap=float(np.mean(aps[:_AP70])),
        precision=precision,
        recall=recall,
        ap75=aps[_AP75],
        recalls={
            allowed: _recall(precision, recall, scores, allowed * len(matches))
            if objects
            else math.nan
            for allowed in FALSE_ALARMS
        },
    )


def _recall(precision: Values, recall: Values, scores: Values, allowed: float) -> float:
    """Recall at the lowest score with that many false finds at most."""
    count = np.arange(1, len(scores) + 1)
    false = count - np.round(precision * count)
    # Detections of equal score are kept or dropped together.
    last = np.append(scores[1:] != scores[:-1], True)[: len(scores)]
    fit = np.flatnonzero(last & (false <= allowed + 1e-9))
    return float(recall[fit[-1]]) if len(fit) else 0.0


def centre_box(width: float, height: float, share: float = 0.8) -> npt.NDArray[np.float32]:
    """Box in the middle whose sides are `share` of the picture's: what knowing nothing gives.

    Examples
    --------
    >>> centre_box(100, 50).tolist()
    [10.0, 5.0, 90.0, 45.0]
    """
    low, high = (1 - share) / 2, (1 + share) / 2
    return np.array([low * width, low * height, high * width, high * height], dtype=np.float32)


def wilson_interval(successes: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Interval of a share (Wilson, 1927); 95 % at the default z.

    Examples
    --------
    >>> [round(v, 3) for v in wilson_interval(20, 22)]
    [0.722, 0.975]
    """
    if not n:
        return 0.0, 1.0
    p = successes / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
