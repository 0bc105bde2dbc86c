"""How good boxes are, for one class: CorLoc, AP as COCO computes it, and what chance would give."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Evaluation", "centre_box", "evaluate", "iou_matrix", "wilson_interval"]

Boxes = npt.NDArray[np.floating]
Values = npt.NDArray[np.float64]

_THRESHOLDS = np.linspace(0.5, 0.95, 10)
_RECALLS = np.linspace(0.0, 1.0, 101)
_MOST = 100


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
    ap50, ap70, ap : float
        Average precision at IoU 0.5, at 0.7, and averaged over 0.5 to 0.95 in steps of 0.05.
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

    def located(self) -> dict[str, float]:
        """The three measures of single boxes."""
        return {"corloc": self.corloc, "corloc70": self.corloc70, "mean_iou": self.mean_iou}

    def all(self) -> dict[str, float]:
        """Every measure that is one number."""
        return {**self.located(), "ap50": self.ap50, "ap70": self.ap70, "ap": self.ap}


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
    ranked = []
    for boxes, scores in predictions:
        order = np.argsort(-np.asarray(scores), kind="stable")[:_MOST]
        ranked.append((np.asarray(boxes)[order], np.asarray(scores)[order]))
    overlaps = [iou_matrix(p[0], t) for p, t in zip(ranked, truth, strict=True)]
    best = np.array([o[0].max() if len(o) else 0.0 for o, t in zip(overlaps, truth) if len(t)])
    objects = sum(len(t) for t in truth)
    curves = [_curve(ranked, overlaps, objects, t) for t in [*_THRESHOLDS, 0.7]]
    aps = [_average_precision(*curve) for curve in curves]
    precision, recall = curves[0]
    nothing = float("nan")
    return Evaluation(
        images=len(best),
        objects=objects,
        corloc=float((best >= 0.5).mean()) if len(best) else nothing,
        corloc70=float((best >= 0.7).mean()) if len(best) else nothing,
        mean_iou=float(best.mean()) if len(best) else nothing,
        ap50=aps[0] if objects else nothing,
        ap70=aps[-1] if objects else nothing,
        ap=float(np.mean(aps[:-1])) if objects else nothing,
        precision=precision,
        recall=recall,
    )


def _curve(
    ranked: Sequence[tuple[Boxes, Values]],
    overlaps: Sequence[Values],
    objects: int,
    threshold: float,
) -> tuple[Values, Values]:
    """Precision and recall after each detection of the whole set, best score first."""
    scores, right = [], []
    for (_, found), overlap in zip(ranked, overlaps, strict=True):
        taken = np.zeros(overlap.shape[1], dtype=bool)
        for row, score in zip(overlap, found, strict=True):
            free = np.where(taken, -1.0, row)
            # The last of equal ones, as COCO's matching does.
            at = len(free) - 1 - int(np.argmax(free[::-1])) if len(free) else -1
            hit = at >= 0 and free[at] >= min(threshold, 1 - 1e-10)
            if hit:
                taken[at] = True
            scores.append(score)
            right.append(hit)
    order = np.argsort(-np.asarray(scores), kind="stable")
    hits = np.asarray(right, dtype=np.float64)[order]
    true, false = np.cumsum(hits), np.cumsum(1.0 - hits)
    return true / np.maximum(true + false, np.spacing(1.0)), true / max(objects, 1)


def _average_precision(precision: Values, recall: Values) -> float:
    if not len(precision):
        return 0.0
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, _RECALLS, side="left")
    return float(np.where(at < len(envelope), np.append(envelope, 0.0)[at], 0.0).mean())


def iou_matrix(a: Boxes, b: Boxes) -> Values:
    """Intersection over union of every box of `a` with every box of `b`.

    Examples
    --------
    >>> iou_matrix(np.array([[0, 0, 2, 2.0]]), np.array([[1, 0, 3, 2.0]])).round(3).tolist()
    [[0.333]]
    """
    x, y = np.asarray(a, np.float64).reshape(-1, 4), np.asarray(b, np.float64).reshape(-1, 4)
    low = np.maximum(x[:, None, :2], y[None, :, :2])
    high = np.minimum(x[:, None, 2:], y[None, :, 2:])
    overlap = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = [np.prod(c[:, 2:] - c[:, :2], axis=1) for c in (x, y)]
    union = areas[0][:, None] + areas[1][None] - overlap
    return np.asarray(np.where(union > 0, overlap / np.where(union > 0, union, 1.0), 0.0))


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
