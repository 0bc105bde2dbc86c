"""LIME of one picture inside one function: segment, perturb, score, fit. No perturbed picture ever
becomes a row; of a sample only its mask and answers stay.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.errors import RowError
from irbis.explain.adaptive import until_stable
from irbis.explain.explanation import EXPLANATION, Explanation
from irbis.explain.filling import filled
from irbis.explain.function_model import FunctionModel
from irbis.explain.masked import MaskedPicture
from irbis.explain.sampling import SAMPLERS, Design
from irbis.explain.surrogate import Fit, kernel, ridge
from irbis.image.codec import Picture, PictureError, pictures
from irbis.image.superpixel import METHODS, Labels, cut_up
from irbis.image.superpixel_map import Superpixels
from irbis.model.features import FeatureFunction
from irbis.model.onnx_session import Tensor
from irbis.planning import Chain
from irbis.schema import column, put, to_error
from irbis.vectors import to_matrix, to_vectors

__all__ = ["ADAPTIVE", "MOST_SEGMENTS", "LimeFunction"]

ADAPTIVE = "adaptive"
MOST_SEGMENTS = 4096
_LEAST_PROBABILITY = 1e-15


@dataclass(frozen=True)
class LimeFunction:
    """Explains each picture of a batch on its own."""

    source: str
    target: str
    error: str | None
    network: FeatureFunction | FunctionModel
    head: Chain  # from the features to the scored column
    scored: str
    classes: tuple[int, ...]
    metric: str
    segments: int
    compactness: float
    samples: int
    fill: str
    kernel_width: float
    regularization: float
    seed: int
    segmentation: str = "slic"  # a method, or a column of superpixels
    cell: int | None = None
    sampler: str = "foldover"
    stability: float = 0.95

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Explain a batch."""
        rows: list[object] = []
        errors: list[tuple[str, str] | None] = []
        given = None if self.segmentation in METHODS else column(batch, self.segmentation)
        for row, picture in enumerate(pictures(column(batch, self.source))):
            try:
                if isinstance(picture, PictureError):
                    raise picture
                labels = None if given is None else _given(given[row].as_py())
                rows.append(self.explain(picture, labels).to_row())
                errors.append(None)
            except PictureError as error:
                if self.error is None:
                    raise RowError(f"row {row}: {error}", do="set errors='column'") from None
                rows.append(None)
                errors.append((error.kind, str(error)))
        batch = put(batch, self.target, pa.array(rows, type=EXPLANATION))
        return batch if self.error is None else put(batch, self.error, to_error(errors))

    def explain(self, picture: Picture, labels: Labels | None = None) -> Explanation:
        """Explain one picture, cut up here or, with `labels`, as it was cut up before."""
        masked = self.masked(picture, labels)
        count = int(masked.segments.max()) + 1
        scores, fit = self._fitted(masked, count)
        return Explanation(
            classes=list(self.classes),
            scores=scores[0],  # the design's first row keeps every superpixel
            weights=fit.weights,
            intercept=fit.intercept,
            r2=fit.r2,
            forwards=len(scores),
            height=picture.shape[0],
            width=picture.shape[1],
            segments=masked.segments,
        )

    def masked(self, picture: Picture, labels: Labels | None = None) -> MaskedPicture:
        """Make the picture ready to be scored with parts hidden; also for judging explanations.

        Superpixels are found at the network's input size: that is all the model can see, and the
        perturbed inputs are made there directly.
        """
        seen = self.network.resize(picture)
        segments = self._cut(picture, seen) if labels is None else _laid(labels, seen)
        count = int(segments.max()) + 1
        if count > MOST_SEGMENTS:
            raise PictureError("segments", f"{count} superpixels, at most {MOST_SEGMENTS}")
        hidden = filled(seen, segments, count, self.fill, self.seed)
        return MaskedPicture(
            self.network.tensor(seen), self.network.tensor(hidden), segments, self._score
        )

    def _cut(self, picture: Picture, seen: Picture) -> Labels:
        segments = self.segments
        if self.cell is not None:
            cells = round(picture.shape[0] * picture.shape[1] / self.cell**2)
            segments = min(MOST_SEGMENTS, max(1, cells))
        return cut_up(seen, self.segmentation, segments, self.compactness)

    def _fitted(self, masked: MaskedPicture, count: int) -> tuple[npt.NDArray[np.float64], Fit]:
        """The model's answers, and the surrogate of them on the scale of the metric."""
        answers: list[npt.NDArray[np.float64]] = []

        def score(kept: Design) -> npt.NDArray[np.float64]:
            answers.append(masked.of_segments(kept))
            return self.on_scale(answers[-1])

        def fit(kept: Design, values: npt.NDArray[np.float64]) -> Fit:
            return ridge(kept, values, kernel(kept, self.kernel_width), self.regularization)

        if self.sampler == ADAPTIVE:
            _, found = until_stable(score, fit, count, self.samples, self.stability, self.seed)
        else:
            kept = SAMPLERS[self.sampler](count, self.samples, self.seed)
            found = fit(kept, score(kept))
        return np.concatenate(answers), found

    def _score(self, inputs: Tensor) -> npt.NDArray[np.float64]:
        features = self.network.forward(np.ascontiguousarray(inputs, dtype=np.float32))
        valid = np.ones(len(features), dtype=bool)
        batch = pa.RecordBatch.from_arrays(
            [to_vectors(features, valid)], names=[self.network.target]
        )
        scored = column(self.head(batch), self.scored)
        if pa.types.is_floating(scored.type):
            answers = np.asarray(scored, dtype=np.float64)[:, None]
        else:
            answers, _ = to_matrix(scored)
        if len(answers) != len(features) or max(self.classes) >= answers.shape[1]:
            raise PictureError(
                "score", f"{self.scored} has {answers.shape[1]} classes, asked for {self.classes}"
            )
        found = answers[:, list(self.classes)]
        if not np.isfinite(found).all():
            raise PictureError("score", f"{self.scored} has NaN or infinity")
        return found

    def on_scale(self, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Bring the model's answers to the scale of the metric."""
        if self.metric != "logit":
            return scores
        p = np.clip(scores, _LEAST_PROBABILITY, 1.0 - _LEAST_PROBABILITY)
        return np.asarray(np.log(p) - np.log1p(-p))


def _given(row: Any) -> Labels:
    if row is None:
        raise PictureError("segments", "no superpixels: the cell is null")
    try:
        return Superpixels.from_row(row).segments
    except (ValueError, TypeError, zlib.error) as error:
        raise PictureError("segments", f"superpixels that can't be read: {error}") from None


def _laid(labels: Labels, seen: Picture) -> Labels:
    """The given map at the network's size; a superpixel too small for it gets no pixel there."""
    height, width = seen.shape[:2]
    return Superpixels(height, width, labels).labels()
