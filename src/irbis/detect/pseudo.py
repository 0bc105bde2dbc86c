"""Pseudo boxes: explanations of the classifier turned into boxes by a rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.detect.boxes import BoxesFromWeights
from irbis.detect.catalog import Catalog

__all__ = ["PseudoBox", "PseudoBoxes", "boxes_of"]

# Boxes outside are noise: a stray superpixel, or the whole picture.
_AREA = (0.04, 0.95)
# Pictures the classifier itself does not believe in are left out: search results are noisy.
_BELIEVED = 0.5

_SCHEMA = pa.schema(
    [
        ("sha256", pa.string()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("box", pa.list_(pa.float32())),
        ("score", pa.float64()),
        ("r2", pa.float64()),
        ("forwards", pa.int32()),
        ("used", pa.bool_()),
        ("kind", pa.string()),  # of the error, where there is no explanation
        ("message", pa.string()),
    ]
)


def boxes_of(waves: Iterable[pa.Table], stage: BoxesFromWeights) -> pa.Table:
    """Boxes of explanations, a row each.

    Parameters
    ----------
    waves : iterable of pa.Table
        From :func:`irbis.detect.explaining.waves`.
    stage : BoxesFromWeights
    """
    rows = [_row(row) for wave in waves for row in stage.transform(wave).to_pylist()]
    return pa.Table.from_pylist(sorted(rows, key=lambda r: r["sha256"]), schema=_SCHEMA)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    error = row["explanation_error"]
    if error is not None:
        return {"sha256": row["sha256"], "kind": error["kind"], "message": error["message"]}
    found = row["explanation"]
    width, height, score = found["width"], found["height"], found["scores"][0]
    box, used = None, False
    if row["boxes"]:
        b = row["boxes"][0]
        box = [b["xmin"], b["ymin"], b["xmax"], b["ymax"]]
        share = (b["xmax"] - b["xmin"]) * (b["ymax"] - b["ymin"]) / (width * height)
        used = bool(score > _BELIEVED and _AREA[0] <= share <= _AREA[1])
    return {
        "sha256": row["sha256"],
        "width": width,
        "height": height,
        "box": box,
        "score": score,
        "r2": found["r2"][0],
        "forwards": found["forwards"],
        "used": used,
    }


@dataclass(frozen=True)
class PseudoBox:
    """A picture's explanation in short, its box, and the whole explanation where it was asked for.

    Parameters
    ----------
    box : ndarray of float32, shape (4,), or None
        Pixels of the picture.
    score : float
        Probability of the target, by the classifier.
    used : bool
        Whether the box is good enough to train on.
    """

    path: str
    width: int
    height: int
    box: npt.NDArray[np.float32] | None
    score: float
    r2: float
    forwards: int
    used: bool
    explanation: dict[str, Any] | None = field(repr=False, default=None)


@dataclass(frozen=True)
class PseudoBoxes:
    """All of them by path, and the pictures that could not be explained."""

    boxes: dict[str, PseudoBox]
    failures: list[tuple[str, str, str]]

    @classmethod
    def of(
        cls, catalog: Catalog, table: pa.Table, explanations: Mapping[str, dict[str, Any]]
    ) -> PseudoBoxes:
        """Give the rows of :func:`boxes_of` to the target's pictures with that content.

        Parameters
        ----------
        explanations : mapping of sha256 to explanation
            Whole ones, of a few: for drawing.
        """
        by_content = {row.pop("sha256"): row for row in table.to_pylist()}
        boxes: dict[str, PseudoBox] = {}
        failures: list[tuple[str, str, str]] = []
        for picture in catalog.select(1.0):
            row = by_content.get(picture["sha256"])
            if row is None:
                continue
            kind, message = row["kind"], row["message"]
            if kind is not None:
                failures.append((picture["path"], kind, message))
                continue
            values = {k: v for k, v in row.items() if k not in ("kind", "message", "box")}
            box = None if row["box"] is None else np.asarray(row["box"], dtype=np.float32)
            boxes[picture["path"]] = PseudoBox(
                path=picture["path"],
                box=box,
                explanation=explanations.get(picture["sha256"]),
                **values,
            )
        return cls(boxes, sorted(failures))

    @property
    def used(self) -> list[PseudoBox]:
        """Those good enough to train on."""
        return [b for b in self.boxes.values() if b.used]

    @property
    def r2_median(self) -> float | None:
        """Median fit of the surrogates."""
        return float(np.median([b.r2 for b in self.boxes.values()])) if self.boxes else None

    @property
    def forwards(self) -> float | None:
        """Mean number of pictures the model scored for one explanation."""
        return float(np.mean([b.forwards for b in self.boxes.values()])) if self.boxes else None
