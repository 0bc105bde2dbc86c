"""Do the looks agree? Measured without any box to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from irbis.detect.boxing import Boxing
from irbis.detect.evaluate import iou_matrix
from irbis.detect.heat import Heat

__all__ = ["agreement"]


def agreement(heats: Sequence[Heat], fused: Heat, boxing: Boxing) -> float:
    """Mean IoU of each look's own first box with the first box of their mean.

    1 for a single look, 0 where there is no box. What it is worth: docs/detection.md.
    """
    plain = replace(boxing, most=1, dip=None)
    first = plain.parts(fused)
    if not first:
        return 0.0
    own = [parts[0][0] if (parts := plain.parts(heat)) else (0.0,) * 4 for heat in heats]
    return float(iou_matrix(np.array(own), np.array([first[0][0]])).mean())
