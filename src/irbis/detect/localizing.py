"""Pictures to boxes and heat maps along looks: the function behind CamLocalizer and CoLocalizerModel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from irbis.detect.agreement import agreement
from irbis.detect.boxing import Boxing
from irbis.detect.feature_maps import MapSource
from irbis.detect.heat import HEAT, Look, fused, heat_row, look_at
from irbis.image.codec import Picture
from irbis.image.pixels import map_pictures
from irbis.schema import DETECTIONS, column, put, to_error

__all__ = ["LocalizeFunction"]


@dataclass(frozen=True)
class LocalizeFunction:
    """Looks at each picture of a batch on its own.

    Parameters
    ----------
    judge : tuple of Look
        The classifier's own weights: the mean of its heat is its logit, from which the score
        follows.
    """

    source: str
    target: str
    heat: str | None
    error: str | None
    network: MapSource
    looks: tuple[Look, ...]
    judge: tuple[Look, ...]
    boxing: Boxing

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Find the target in a batch."""
        rows, valid, errors = map_pictures(
            column(batch, self.source), self.locate, raising=self.error is None
        )
        found = iter(rows)
        both = [next(found) if ok else (None, None) for ok in valid]
        batch = put(batch, self.target, pa.array([b for b, _ in both], type=DETECTIONS))
        if self.heat is not None:
            batch = put(batch, self.heat, pa.array([h for _, h in both], type=HEAT))
        return batch if self.error is None else put(batch, self.error, to_error(errors))

    def locate(self, picture: Picture) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
        """Boxes in pixels, best first, and the heat map if it is wanted."""
        heats = look_at(self.network, [*self.looks, *self.judge], picture)
        mine = heats[: len(self.looks)]
        heat = fused(mine)
        logits = [float(h.mean()) for h in heats[len(self.looks) :]]
        logit = max(-700.0, sum(logits) / len(logits))
        height, width = picture.shape[:2]
        score = 1 / (1 + math.exp(-logit))
        boxes = self.boxing.detections(heat, width, height, score)
        if self.heat is None:
            return boxes, None
        alike = agreement(mine, heat, self.boxing)
        return boxes, heat_row(heat, height, width, score, alike)
