"""What a discovery ends with, before it is written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from irbis.detect.crediting import licences
from irbis.detect.doubts import Doubts, doubts

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from irbis.detect.catalog import Catalog
    from irbis.detect.classify import Classifiers
    from irbis.detect.detector import Detector
    from irbis.detect.listing import Listing
    from irbis.detect.pseudo import PseudoBoxes
    from irbis.detect.saved import Saved
    from irbis.detect.self_training import Verdict
    from irbis.detect.truth import Scores, Truth
    from irbis.model.hub import ModelSchema

__all__ = ["Discovery", "Found"]


@dataclass(frozen=True)
class Found:
    """Detections in one picture, best first.

    Parameters
    ----------
    boxes : ndarray of float32, shape (n, 4)
        xmin, ymin, xmax, ymax in pixels.
    scores : ndarray of float32, shape (n,)
    labels : list of str
    width, height : int, pixels
        Of the picture; 0 if unknown.
    """

    boxes: npt.NDArray[np.float32]
    scores: npt.NDArray[np.float32]
    labels: list[str]
    width: int = 0
    height: int = 0

    @classmethod
    def of(
        cls, detections: list[dict[str, Any]] | None, size: dict[str, int] | None = None
    ) -> Found:
        """Read values of a Detector's columns; null counts as nothing found."""
        rows = detections or []
        corners = [[d["xmin"], d["ymin"], d["xmax"], d["ymax"]] for d in rows]
        return cls(
            np.asarray(corners, dtype=np.float32).reshape(-1, 4),
            np.asarray([d["score"] for d in rows], dtype=np.float32),
            [d["label"] for d in rows],
            **(size or {}),
        )


@dataclass(frozen=True)
class Discovery:
    """Everything the report is made of.

    Catalog and `found` are of the pictures that are learned from and measured on; listing and
    `everywhere` (sha256, detections, size, detections_error) of all there are.
    """

    target: str
    catalog: Catalog
    listing: Listing
    everywhere: DataFrame
    classifiers: Classifiers
    pseudo: PseudoBoxes
    found: dict[str, Found]
    detector: Saved[Detector]
    network: ModelSchema
    scores: Scores | None
    truth: Truth | None
    iterations: int
    seconds: dict[str, float]
    reused: list[str]
    attribution: str | None
    credits: list[dict[str, Any]] = field(default_factory=list)
    self_training: Verdict | None = None

    def summary(self) -> dict[str, Any]:
        """The contract of report.json (docs/architecture.md), and some more."""
        answers, scores = self.classifiers.deep, self.scores
        none = dict.fromkeys(("corloc", "corloc70", "mean_iou"))
        boxes = scores.pseudo.located() if scores else none
        centre = scores.centre.located() if scores else none
        detector = scores.detector.all() if scores else {**none, "ap50": None, "ap": None}
        return {
            "target": self.target,
            "images": {
                "target": len(self.catalog.select(1.0)),
                "other": len(self.catalog.select(0.0)),
                "failed": len(self.catalog.failures),
                "held_out": len(self.catalog.select(held_out=True)),
                "all": self.listing.total,
            },
            "classifier": {
                "accuracy": answers.accuracy,
                "auc": answers.auc,
                "confusion": answers.confusion,
                "majority_accuracy": float(max(answers.labels.mean(), 1 - answers.labels.mean())),
                "pixels_accuracy": self.classifiers.pixels.accuracy,
                "pixels_auc": self.classifiers.pixels.auc,
                "shuffled_labels_accuracy": self.classifiers.shuffled.accuracy,
                "shuffled_labels_auc": self.classifiers.shuffled.auc,
            },
            "labels": {
                "doubted_targets": len(self.doubts.targets),
                "targets_among_others": len(self.doubts.others),
            },
            "lime": {
                "images": len(self.pseudo.fits),
                "forwards_per_image": self.pseudo.forwards,
                "r2_median": self.pseudo.r2_median,
            },
            "pseudo_boxes": {
                "count": sum(b.path not in self._held for b in self.pseudo.used),
                **self.pseudo.about,
                "agreement": self.pseudo.agreement,
                **boxes,
                "centre_box_corloc": centre["corloc"],
                "centre_box_corloc70": centre["corloc70"],
                "centre_box_mean_iou": centre["mean_iou"],
            },
            "detector": {
                **detector,
                "iterations": self.iterations,
                "images_with_truth": scores.images if scores else None,
                "ap50_with_others": scores.with_others.ap50 if scores else None,
                "ap_with_others": scores.with_others.ap if scores else None,
            },
            **({"self_training": self.self_training.row()} if self.self_training else {}),
            **({"licences": licences(self.credits)} if self.credits else {}),
            "reused": self.reused,
            "seconds": {**self.seconds, "total": sum(self.seconds.values())},
        }

    @property
    def doubts(self) -> Doubts:
        """Where labels and classifier disagree."""
        return doubts(self.catalog, self.classifiers.unseen)

    @property
    def _held(self) -> set[str]:
        return set(self.catalog.paths(held_out=True))
