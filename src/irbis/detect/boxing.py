"""From a heat map to boxes: a rule chooses places, their connected parts become boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from irbis.detect.heat import Heat, enlarged
from irbis.detect.rules import chosen

__all__ = ["Boxing"]

# Parts are cut on a grid of this many places a side, whatever the network's own.
_GRID = 112


@dataclass(frozen=True)
class Boxing:
    """How a heat map becomes boxes.

    Parameters
    ----------
    rule : str
        A key of :data:`irbis.detect.rules.RULES`: a place of the map counts as a superpixel.
    fraction : float or None, default None
        The rule's number; None: its own.
    most : int, default 1
        Boxes a picture, largest part first.
    least : float, default 0.3, range 0 to 1
        A further part must have at least this share of the largest one's heat.
    label : str, default "object"
    """

    rule: str
    fraction: float | None = None
    most: int = 1
    least: float = 0.3
    label: str = "object"

    def parts(self, heat: Heat) -> list[tuple[tuple[float, float, float, float], float]]:
        """Boxes as shares of the picture (xmin, ymin, xmax, ymax), and their share of heat.

        The first is around the largest part; a share is that of a part's heat (what is above 0,
        summed) in the first part's, at most 1.
        """
        from scipy.ndimage import find_objects, label

        large = enlarged(heat, _GRID, _GRID)
        weights = large.astype(np.float64).ravel()
        if not (weights > 0).any():
            return []
        labels, count = label(chosen(weights, self.rule, self.fraction).reshape(large.shape))
        if not count:
            return []
        areas = np.bincount(labels.ravel(), minlength=count + 1)[1:]
        mass = np.bincount(labels.ravel(), np.maximum(weights, 0), minlength=count + 1)[1:]
        places = find_objects(labels)
        order = np.argsort(-areas, kind="stable")
        first = max(mass[order[0]], np.finfo(float).tiny)
        out = []
        for at in order[: self.most]:
            share = min(float(mass[at] / first), 1.0)
            if out and share < self.least:
                continue
            rows, columns = places[at]
            out.append((_box(rows, columns), share))
        return out

    def detections(self, heat: Heat, width: int, height: int, score: float) -> list[dict[str, Any]]:
        """Boxes in pixels of the picture; the first has the picture's score, others their share of it."""
        return [
            {
                "xmin": box[0] * width,
                "ymin": box[1] * height,
                "xmax": box[2] * width,
                "ymax": box[3] * height,
                "label": self.label,
                "score": score * share,
            }
            for box, share in self.parts(heat)
        ]


def _box(rows: slice, columns: slice) -> tuple[float, float, float, float]:
    return (columns.start / _GRID, rows.start / _GRID, columns.stop / _GRID, rows.stop / _GRID)
