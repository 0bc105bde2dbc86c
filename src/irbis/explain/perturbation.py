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
from irbis.explain.answer_column import all_answers, answers_for
from irbis.explain.explanation import EXPLANATION, Explanation
from irbis.explain.filling import filled
from irbis.explain.masked import MaskedPicture
from irbis.explain.sampling import SAMPLERS, Design
from irbis.explain.surrogate import SURROGATES, Fit, kernel
from irbis.image.codec import Picture, PictureError, pictures
from irbis.image.superpixel import METHODS, Labels, cut_up
from irbis.image.superpixel_map import Superpixels
from irbis.lookahead import ordered
from irbis.model.features import FeatureFunction
from irbis.model.onnx_session import task_threads
from irbis.planning import Chain
from irbis.schema import column, put, to_error
from irbis.vectors import to_vectors

__all__ = ["ADAPTIVE", "MOST_SEGMENTS", "LimeFunction", "given_labels"]

ADAPTIVE = "adaptive"
MOST_SEGMENTS = 4096
_LEAST_PROBABILITY = 1e-15
Answers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LimeFunction:
    """Explains each picture of a batch on its own."""

    source: str
    target: str
    error: str | None
    network: Any  # FeatureFunction or Shown: one of those that answer, unless Spark asks the model
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
    surrogate: str = "ridge"

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Explain a batch."""
        rows: list[object] = []
        errors: list[tuple[str, str] | None] = []
        given = None if self.segmentation in METHODS else column(batch, self.segmentation)
        for row, picture in enumerate(pictures(column(batch, self.source))):
            try:
                if isinstance(picture, PictureError):
                    raise picture
                labels = None if given is None else given_labels(given[row].as_py())
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
        scores, fit = self._fitted(masked, masked.count)
        return self.explanation(picture.shape[:2], masked.segments, scores, fit)

    def explanation(
        self, size: tuple[int, int], segments: Labels, scores: Answers, fit: Fit
    ) -> Explanation:
        """Put an explanation together; `scores` are the model's answers for the design."""
        return Explanation(
            classes=list(self.classes),
            scores=scores[0],  # the design's first row keeps every superpixel
            weights=fit.weights,
            intercept=fit.intercept,
            r2=fit.r2,
            forwards=len(scores),
            height=size[0],
            width=size[1],
            segments=segments,
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

    def design(self, count: int) -> Design:
        """Masks to score for so many superpixels; the first keeps all."""
        return SAMPLERS[self.sampler](count, self.samples, self.seed)

    def fit(self, kept: Design, values: Answers) -> Fit:
        """Fit the surrogate to answers on the scale of the metric."""
        weights = kernel(kept, self.kernel_width)
        return SURROGATES[self.surrogate](kept, values, weights, self.regularization)

    def _fitted(self, masked: MaskedPicture, count: int) -> tuple[Answers, Fit]:
        """The model's answers, and the surrogate of them."""
        answers: list[Answers] = []

        def score(kept: Design) -> Answers:
            answers.append(masked.of_segments(kept))
            return self.on_scale(answers[-1])

        if self.sampler == ADAPTIVE:
            _, found = until_stable(score, self.fit, count, self.samples, self.stability, self.seed)
        else:
            kept = self.design(count)
            found = self.fit(kept, score(kept))
        return np.concatenate(answers), found

    def _score(self, inputs: Any) -> Answers:
        features = self._features(inputs)
        valid = np.ones(len(features), dtype=bool)
        batch = pa.RecordBatch.from_arrays(
            [to_vectors(features, valid)], names=[self.network.target]
        )
        found = all_answers(column(self.head(batch), self.scored), self.scored)
        return answers_for(found, self.scored, self.classes)

    def _features(self, inputs: Any) -> Any:
        network = self.network
        if not isinstance(network, FeatureFunction):
            return network.forward(inputs)
        # As the featurizer itself does it: on a CPU each picture is one core's work, which is
        # faster than several in one forward, and gives the same bits on any number of cores.
        size = network.engine.batch
        workers = task_threads(network.engine.threads) if size == 1 else 1
        parts = np.split(inputs, range(size, len(inputs), size))
        return np.concatenate(list(ordered(network.forward, parts, workers)))

    def on_scale(self, scores: Answers) -> Answers:
        """Bring the model's answers to the scale of the metric."""
        if self.metric != "logit":
            return scores
        p = np.clip(scores, _LEAST_PROBABILITY, 1.0 - _LEAST_PROBABILITY)
        return np.asarray(np.log(p) - np.log1p(-p))


def given_labels(row: Any) -> Labels:
    """Read superpixels from a cell of their column; raises PictureError of kind "segments"."""
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
