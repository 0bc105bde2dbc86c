"""Pictures to boxes through a trained detector: the function behind Detector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from irbis.detect.detection import DetectionSession
from irbis.files import FileRef
from irbis.image.codec import Picture
from irbis.image.pixels import map_pictures
from irbis.process_cache import cached
from irbis.schema import DETECTIONS, column, put, to_error

__all__ = ["SIZE", "DetectFunction"]

SIZE = pa.struct([pa.field("width", pa.int32()), pa.field("height", pa.int32())])


@dataclass(frozen=True)
class DetectFunction:
    """Detects in each picture of a batch on its own."""

    source: str
    target: str
    size: str | None
    error: str | None
    file: FileRef
    labels: tuple[str, ...]
    long_side: int
    score: float
    most: int
    threads: int

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Detect in a batch."""
        rows, valid, errors = map_pictures(
            column(batch, self.source),
            lambda p: (self.detect(p), {"width": p.shape[1], "height": p.shape[0]}),
            raising=self.error is None,
        )
        found = iter(rows)
        both = [next(found) if ok else (None, None) for ok in valid]
        batch = put(batch, self.target, pa.array([b for b, _ in both], type=DETECTIONS))
        if self.size is not None:
            batch = put(batch, self.size, pa.array([s for _, s in both], type=SIZE))
        return batch if self.error is None else put(batch, self.error, to_error(errors))

    def detect(self, picture: Picture) -> list[dict[str, Any]]:
        """Detect in one picture; boxes in its pixels, best first."""
        boxes, labels, scores = self._session().detect(
            picture, score_threshold=self.score, max_detections=self.most
        )
        return [
            {
                "xmin": float(b[0]),
                "ymin": float(b[1]),
                "xmax": float(b[2]),
                "ymax": float(b[3]),
                "label": self.labels[int(label) - 1],
                "score": float(s),
            }
            for b, label, s in zip(boxes, labels, scores, strict=True)
        ]

    def _session(self) -> DetectionSession:
        return cached(
            ("detector", self.file.sha256, self.long_side, self.threads),
            lambda: DetectionSession(
                self.file.locate(), threads=self.threads, long_side=self.long_side
            ),
        )
