"""Asking a known set: the function behind HotSpotterModel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from irbis.errors import RowError
from irbis.extras import require
from irbis.identify.calibration import probability
from irbis.identify.chip_reading import ChipReading
from irbis.identify.fingerprint import annotation_of
from irbis.identify.fusing import Fusion, fuse
from irbis.identify.keypoints import Keypoints
from irbis.identify.known_set import KnownFiles, KnownSet, open_known
from irbis.identify.ranking import Candidate, Matching, rank
from irbis.image.codec import PictureError
from irbis.schema import column, put, to_error

__all__ = ["CANDIDATES", "MATCHES", "Excluding", "IdentifyFunction"]

CANDIDATES = pa.list_(
    pa.struct(
        [
            pa.field("name", pa.string()),
            pa.field("score", pa.float64()),
            pa.field("probability", pa.float64()),
            pa.field("inliers", pa.int32()),
            pa.field("annotation", pa.string()),
        ]
    )
)
# Pixels of the two upright pictures.
MATCHES = pa.list_(
    pa.struct(
        [
            pa.field("annotation", pa.string()),
            pa.field("x", pa.float32()),
            pa.field("y", pa.float32()),
            pa.field("known_x", pa.float32()),
            pa.field("known_y", pa.float32()),
        ]
    )
)


@dataclass(frozen=True)
class Excluding:
    """What of a known set is no evidence for a row.

    Parameters
    ----------
    event, station : str or None
        Columns: annotations with the row's value are as if they were not there.
    annotation : str or None
        Column with the row's own name; None: known by its content.
    itself : bool
        Whether the row's own annotation is left out.
    """

    event: str | None = None
    station: str | None = None
    annotation: str | None = None
    itself: bool = False


@dataclass(frozen=True)
class IdentifyFunction:
    """Ranks individuals for the chip in each row."""

    reading: ChipReading
    known: KnownFiles
    matching: Matching
    excluding: Excluding
    candidates: str
    individual: str
    matches: str | None
    error: str | None
    most: int
    threshold: float
    slope: float
    intercept: float
    unknown: str
    threads: int
    fusion: Fusion | None = None

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Ask for each row of a batch."""
        require("faiss", extra="identify").omp_set_num_threads(self.threads)
        known = open_known(self.known)
        aside = self._aside(batch)
        ranked: list[list[dict[str, Any]] | None] = []
        named: list[str | None] = []
        points: list[list[dict[str, Any]] | None] = []
        errors: list[tuple[str, str] | None] = []
        for row, query in enumerate(self.reading.read(batch)):
            if isinstance(query, PictureError):
                if self.error is None:
                    message = f"row {row}: {query}"
                    raise RowError(message, do="set errors='column' to keep going") from None
                for values in (ranked, named, points):
                    values.append(None)
                errors.append((query.kind, str(query)))
                continue
            found = self._ask(known, query, {n: v[row] for n, v in aside.items()})
            ranked.append([self._as_row(known, c) for c in found])
            certain = bool(found) and found[0].score > self.threshold
            named.append(found[0].name if certain else self.unknown)
            points.append([p for c in found for p in _points(known, query, c)])
            errors.append(None)
        batch = put(batch, self.candidates, pa.array(ranked, CANDIDATES))
        batch = put(batch, self.individual, pa.array(named, pa.string()))
        if self.matches is not None:
            batch = put(batch, self.matches, pa.array(points, MATCHES))
        return batch if self.error is None else put(batch, self.error, to_error(errors))

    def _aside(self, batch: pa.RecordBatch) -> dict[str, list[str | None]]:
        of = self.excluding
        columns = {"event": of.event, "station": of.station}
        if of.itself:
            columns["annotation"] = of.annotation
        return {
            key: column(batch, name).cast(pa.string()).to_pylist()
            for key, name in columns.items()
            if name is not None
        }

    def _ask(
        self, known: KnownSet, query: Keypoints, aside: dict[str, str | None]
    ) -> list[Candidate]:
        if self.excluding.itself and self.excluding.annotation is None:
            aside = {**aside, "annotation": annotation_of(query)}
        out = known.left_out(**aside) if aside else None
        found = rank(known, query, self.matching, out)
        if self.fusion is not None:
            assert query.vector is not None
            found = fuse(known, found, query.vector, self.fusion, out, self.most)
        return found[: self.most]

    def _as_row(self, known: KnownSet, candidate: Candidate) -> dict[str, Any]:
        return {
            "name": candidate.name,
            "score": candidate.score,
            "probability": probability(candidate.score, self.slope, self.intercept),
            "inliers": candidate.inliers,
            "annotation": known.annotations[candidate.annotation],
        }


def _points(known: KnownSet, query: Keypoints, candidate: Candidate) -> list[dict[str, Any]]:
    here = query.in_picture(candidate.matches.query).tolist()
    there = known.keypoints(candidate.annotation).in_picture(candidate.matches.point).tolist()
    annotation = known.annotations[candidate.annotation]
    return [
        {"annotation": annotation, "x": x, "y": y, "known_x": known_x, "known_y": known_y}
        for (x, y), (known_x, known_y) in zip(here, there, strict=True)
    ]
