"""Pictures to LIME's boxes and heat maps: the function behind LimeLocalizer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from irbis.detect.heat import HEAT, enlarged, heat_row
from irbis.detect.weights_to_boxes import BoxFunction
from irbis.explain.explanation import Explanation
from irbis.explain.perturbation import LimeFunction
from irbis.schema import column, put

__all__ = ["LimeBoxFunction"]

_GRID = 56


@dataclass(frozen=True)
class LimeBoxFunction:
    """Explains each picture, boxes the explanation, and lets it go."""

    explain: LimeFunction
    boxes: BoxFunction
    heat: str | None
    error: str | None

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Find the target in a batch."""
        explained = self.explain(batch)
        boxed = self.boxes(explained)
        batch = put(batch, self.boxes.target, column(boxed, self.boxes.target))
        if self.heat is not None:
            rows = column(explained, self.boxes.source).to_pylist()
            batch = put(batch, self.heat, pa.array([_heat(row) for row in rows], type=HEAT))
        if self.error is None or self.explain.error is None:
            return batch
        return put(batch, self.error, column(explained, self.explain.error))


def _heat(row: dict[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    found = Explanation.from_row(row)
    weights = found.weights[0][found.segments].astype(np.float32)
    heat = enlarged(weights, min(_GRID, weights.shape[0]), min(_GRID, weights.shape[1]))
    return heat_row(heat, found.height, found.width, float(found.scores[0]))
