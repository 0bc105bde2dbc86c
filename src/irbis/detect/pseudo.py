"""Pseudo boxes: what a localizer found in the target's pictures, and which to train on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.detect.catalog import Catalog

__all__ = ["BOXES", "PseudoBox", "PseudoBoxes", "box_row"]

# Boxes outside are noise: a stray place, or the whole picture.
_AREA = (0.02, 0.95)
# Pictures the classifier itself does not believe in are left out: search results are noisy.
_BELIEVED = 0.5

BOXES = pa.schema(
    [
        ("sha256", pa.string()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("boxes", pa.list_(pa.list_(pa.float32()))),
        ("scores", pa.list_(pa.float32())),
        ("agreement", pa.float32()),  # of the looks, where there are several
        ("kind", pa.string()),  # of the error, where there are no boxes
        ("message", pa.string()),
    ]
)


def box_row(
    sha256: str,
    width: int | None,
    height: int | None,
    boxes: Iterable[Mapping[str, Any]] | None,
    error: Mapping[str, Any] | None,
    agreement: float | None = None,
) -> dict[str, Any]:
    """A row of :data:`BOXES` from a localizer's columns."""
    if error is not None:
        return {"sha256": sha256, "kind": error["kind"], "message": error["message"]}
    found = list(boxes or ())
    return {
        "sha256": sha256,
        "width": width,
        "height": height,
        "boxes": [[b["xmin"], b["ymin"], b["xmax"], b["ymax"]] for b in found],
        "scores": [b["score"] for b in found],
        "agreement": agreement,
    }


@dataclass(frozen=True)
class PseudoBox:
    """A picture's boxes.

    Parameters
    ----------
    boxes : ndarray of float32, shape (k, 4)
        Pixels of the picture, the likeliest first.
    scores : ndarray of float32, shape (k,)
        The best is `score`, the others are their share of it.
    score : float
        Probability of the target, by a classifier that did not learn from the picture.
    agreement : float or None
        See :func:`irbis.detect.agreement.agreement`.
    explanation : dict, optional
        LIME's, where it was asked for.
    """

    path: str
    width: int
    height: int
    boxes: npt.NDArray[np.float32]
    scores: npt.NDArray[np.float32]
    score: float
    agreement: float | None = None
    explanation: dict[str, Any] | None = field(repr=False, default=None)

    @property
    def box(self) -> npt.NDArray[np.float32] | None:
        """The likeliest box, shape (4,)."""
        return self.boxes[0] if len(self.boxes) else None

    @property
    def good(self) -> npt.NDArray[np.bool_]:
        """Which boxes are of a size to train on."""
        sides = self.boxes[:, 2:] - self.boxes[:, :2]
        share = sides.prod(axis=1) / (self.width * self.height)
        return np.asarray((share >= _AREA[0]) & (share <= _AREA[1]))

    @property
    def used(self) -> bool:
        """Whether the picture is good enough to train on."""
        return self.score > _BELIEVED and bool(self.good.any())


@dataclass(frozen=True)
class PseudoBoxes:
    """All of them by path, and how they came about.

    Parameters
    ----------
    boxes : dict of path to PseudoBox
    failures : list of (path, kind, message)
    fits : list of (float, int)
        r2 and number of forwards of each explanation.
    about : dict
        The localizer: source, rule, fraction, and what it learned from.
    """

    boxes: dict[str, PseudoBox]
    failures: list[tuple[str, str, str]]
    fits: list[tuple[float, int]]
    about: dict[str, Any]

    @classmethod
    def of(
        cls,
        catalog: Catalog,
        table: pa.Table,
        scores: Mapping[str, float],
        explanations: Mapping[str, dict[str, Any]],
        fits: list[tuple[float, int]],
        about: dict[str, Any],
    ) -> PseudoBoxes:
        """Give rows of :data:`BOXES` to the target's pictures with that content.

        Parameters
        ----------
        scores : mapping of sha256 to float
            Probability of the target.
        explanations : mapping of sha256 to explanation
            Whole ones, of a few: for drawing.
        """
        by_content = {row["sha256"]: row for row in table.to_pylist()}
        boxes: dict[str, PseudoBox] = {}
        failures: list[tuple[str, str, str]] = []
        for picture in catalog.select(1.0):
            row = by_content.get(picture["sha256"])
            if row is None:
                continue
            if row["kind"] is not None:
                failures.append((picture["path"], row["kind"], row["message"]))
                continue
            score = scores.get(picture["sha256"], 0.0)
            shares = np.asarray(row["scores"], np.float32)
            boxes[picture["path"]] = PseudoBox(
                path=picture["path"],
                width=row["width"],
                height=row["height"],
                boxes=np.asarray(row["boxes"], np.float32).reshape(-1, 4),
                # The localizer's own score is of a classifier that may have learned from the picture.
                scores=shares / shares.max(initial=1e-12) * np.float32(score),
                score=score,
                agreement=row["agreement"],
                explanation=explanations.get(picture["sha256"]),
            )
        return cls(boxes, sorted(failures), fits, about)

    @property
    def used(self) -> list[PseudoBox]:
        """Those good enough to train on."""
        return [b for b in self.boxes.values() if b.used]

    @property
    def agreement(self) -> float | None:
        """Mean agreement of the looks over the pictures that are trained on."""
        found = [b.agreement for b in self.used if b.agreement is not None]
        return float(np.mean(found)) if found else None

    @property
    def r2_median(self) -> float | None:
        """Median fit of the surrogates."""
        return float(np.median([r2 for r2, _ in self.fits])) if self.fits else None

    @property
    def forwards(self) -> float | None:
        """Mean number of pictures the model scored for one explanation."""
        return float(np.mean([n for _, n in self.fits])) if self.fits else None
