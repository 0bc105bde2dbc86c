"""From a heat map to boxes: a rule chooses places, their connected parts become boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from irbis.detect.heat import Heat, enlarged
from irbis.detect.parting import parts_of
from irbis.detect.rules import chosen

__all__ = ["Boxing"]

# Parts are cut on a grid of this many places a side, whatever the network's own.
_GRID = 112
# Area of a hill, as a share of the largest one's beside it: smaller ones are ears and tails.
_HILL = 0.15


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
    dip : float or None, default 0.4
        How deep a valley must be to part two hills: see :func:`irbis.detect.parting.parts_of`.
    label : str, default "object"
    """

    rule: str
    fraction: float | None = None
    most: int = 1
    least: float = 0.3
    dip: float | None = 0.4
    label: str = "object"

    def parts(self, heat: Heat) -> list[tuple[tuple[float, float, float, float], float]]:
        """Boxes as shares of the picture (xmin, ymin, xmax, ymax), and their share of heat.

        The first is around the largest part; a share is that of a part's heat (what is above 0,
        summed) in the first part's, at most 1.
        """
        large = enlarged(heat, _GRID, _GRID).astype(np.float64)
        if not (large > 0).any():
            return []
        mask = chosen(large.ravel(), self.rule, self.fraction).reshape(large.shape)
        out: list[tuple[tuple[float, float, float, float], float]] = []
        first = 0.0
        for part in parts_of(large, mask, self.dip, _HILL):
            mass = float(np.maximum(large[part], 0).sum())
            first = first or max(mass, np.finfo(float).tiny)
            share = min(mass / first, 1.0)
            if not out or share >= self.least:
                out.append((_box(part), share))
            if len(out) == self.most:
                break
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


def _box(part: npt.NDArray[np.bool_]) -> tuple[float, float, float, float]:
    rows, columns = (np.flatnonzero(part.any(axis=axis)) for axis in (1, 0))
    edges = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    return tuple(float(edge) / _GRID for edge in edges)  # type: ignore[return-value]
