"""Detections against true boxes, picture by picture: what every measure is counted from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["THRESHOLDS", "Match", "average_precision", "curve", "iou_matrix", "match"]

Boxes = npt.NDArray[np.floating]
Values = npt.NDArray[np.float64]
Prediction = tuple[Boxes, npt.NDArray[np.floating]]

#: COCO's ten, and 0.7.
THRESHOLDS = (*np.linspace(0.5, 0.95, 10).tolist(), 0.7)
_RECALLS = np.linspace(0.0, 1.0, 101)
_MOST = 100


@dataclass(frozen=True)
class Match:
    """One picture.

    Parameters
    ----------
    scores : ndarray of float64, shape (n,)
        Best first; at most 100.
    hits : ndarray of bool, shape (thresholds, n)
        Whether a detection has a true box of its own, at each of :data:`THRESHOLDS`.
    objects : int
        True boxes.
    best : float
        Highest IoU of the best-scored detection with a true box; 0 without a detection.
    """

    scores: Values
    hits: npt.NDArray[np.bool_]
    objects: int
    best: float


def match(prediction: Prediction, truth: Boxes) -> Match:
    """Match as COCO does: the best score first, each true box once."""
    boxes, scores = prediction
    order = np.argsort(-np.asarray(scores), kind="stable")[:_MOST]
    overlap = iou_matrix(np.asarray(boxes)[order], truth)
    hits = np.stack([_hits(overlap, min(t, 1 - 1e-10)) for t in THRESHOLDS])
    best = float(overlap[0].max()) if overlap.size else 0.0
    return Match(np.asarray(scores, np.float64)[order], hits, len(truth), best)


def _hits(overlap: Values, threshold: float) -> npt.NDArray[np.bool_]:
    taken = np.zeros(overlap.shape[1], dtype=bool)
    found = np.zeros(len(overlap), dtype=bool)
    for at, row in enumerate(overlap):
        free = np.where(taken, -1.0, row)
        # The last of equal ones, as COCO's matching does.
        best = len(free) - 1 - int(np.argmax(free[::-1])) if len(free) else -1
        if best >= 0 and free[best] >= threshold:
            taken[best] = found[at] = True
    return found


def curve(matches: Sequence[Match], at: int) -> tuple[Values, Values, Values]:
    """Precision, recall and score after each detection of all pictures, best score first.

    Parameters
    ----------
    at : int
        Place of the threshold in :data:`THRESHOLDS`.
    """
    scores = np.concatenate([m.scores for m in matches]) if matches else np.zeros(0)
    order = np.argsort(-scores, kind="stable")
    hits = np.concatenate([m.hits[at] for m in matches])[order].astype(np.float64)
    true, false = np.cumsum(hits), np.cumsum(1.0 - hits)
    objects = sum(m.objects for m in matches)
    precision = true / np.maximum(true + false, np.spacing(1.0))
    return precision, true / max(objects, 1), scores[order]


def average_precision(precision: Values, recall: Values) -> float:
    """Mean of the best precision from 101 recalls on."""
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
