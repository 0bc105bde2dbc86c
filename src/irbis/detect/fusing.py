"""Heat maps to their mean and its boxes: the function behind HeatFusion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from irbis.detect.agreement import agreement
from irbis.detect.boxing import Boxing
from irbis.detect.heat import HEAT, Heat, fused, heat_of, heat_row
from irbis.schema import DETECTIONS, column, put

__all__ = ["FuseFunction"]


@dataclass(frozen=True)
class FuseFunction:
    """Fuses the heat maps of each row."""

    sources: tuple[str, ...]
    target: str
    heat: str | None
    boxing: Boxing

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Fuse a batch."""
        columns = [column(batch, name).to_pylist() for name in self.sources]
        both = [self.fuse([r for r in rows if r is not None]) for rows in zip(*columns)]
        batch = put(batch, self.target, pa.array([b for b, _ in both], type=DETECTIONS))
        if self.heat is not None:
            batch = put(batch, self.heat, pa.array([h for _, h in both], type=HEAT))
        return batch

    def fuse(
        self, rows: list[dict[str, Any]]
    ) -> tuple[list[dict[str, Any]] | None, dict[str, Any] | None]:
        """Boxes and mean of one picture's heat maps."""
        if not rows:
            return None, None
        heats = [_standardised(heat_of(row)) for row in rows]
        heat = fused(heats)
        height, width = rows[0]["pictureHeight"], rows[0]["pictureWidth"]
        score = sum(row["score"] for row in rows) / len(rows)
        return (
            self.boxing.detections(heat, width, height, score),
            heat_row(heat, height, width, score, agreement(heats, heat, self.boxing)),
        )


def _standardised(heat: Heat) -> Heat:
    spread = float(heat.std())
    return np.asarray(heat / np.float32(spread)) if spread > 0 else heat
