"""Explanations to boxes: the function behind BoxesFromWeights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from irbis.detect.rules import box_of, chosen
from irbis.explain.explanation import Explanation
from irbis.schema import DETECTIONS, column, put

__all__ = ["BoxFunction"]


@dataclass(frozen=True)
class BoxFunction:
    """One box a picture, or none where no superpixel is chosen; null where nothing was explained."""

    source: str
    target: str
    rule: str
    fraction: float | None
    largest: bool
    label: str

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Make boxes of a batch of explanations."""
        rows = [
            None if row is None else self.boxes(Explanation.from_row(row))
            for row in column(batch, self.source).to_pylist()
        ]
        return put(batch, self.target, pa.array(rows, type=DETECTIONS))

    def boxes(self, explanation: Explanation) -> list[dict[str, Any]]:
        """Boxes of one explanation, in pixels of the picture."""
        weights = explanation.weights[0]
        if not (weights > 0).any():
            return []
        mask = chosen(weights, self.rule, self.fraction)[explanation.segments]
        box = box_of(mask, self.largest)
        if box is None:
            return []
        height, width = explanation.segments.shape
        sx, sy = explanation.width / width, explanation.height / height
        return [
            {
                "xmin": box[0] * sx,
                "ymin": box[1] * sy,
                "xmax": box[2] * sx,
                "ymax": box[3] * sy,
                "label": self.label,
                "score": float(explanation.scores[0]),
            }
        ]
