"""LIME of one picture inside one function: segment, perturb, score, fit. No perturbed picture ever
becomes a row, and memory does not grow with the number of samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.errors import RowError
from irbis.explain.explanation import EXPLANATION, Explanation
from irbis.explain.sampling import fold_over
from irbis.explain.surrogate import kernel, ridge
from irbis.image.codec import Picture, PictureError, pictures
from irbis.image.superpixel import slic
from irbis.model.features import FeatureFunction
from irbis.model.onnx_session import Tensor
from irbis.planning import Chain
from irbis.schema import column, put, to_error
from irbis.vectors import to_matrix, to_vectors

__all__ = ["LimeFunction"]

# Pictures in memory at once: 16 network inputs of 224 px are 10 MB.
_CHUNK = 16
_LEAST_PROBABILITY = 1e-15


@dataclass(frozen=True)
class LimeFunction:
    """Explains each picture of a batch on its own."""

    source: str
    target: str
    error: str | None
    network: FeatureFunction
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

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Explain a batch."""
        rows: list[object] = []
        errors: list[tuple[str, str] | None] = []
        for row, picture in enumerate(pictures(column(batch, self.source))):
            try:
                if isinstance(picture, PictureError):
                    raise picture
                rows.append(self.explain(picture).to_row())
                errors.append(None)
            except PictureError as error:
                if self.error is None:
                    raise RowError(f"row {row}: {error}", do="set errors='column'") from None
                rows.append(None)
                errors.append((error.kind, str(error)))
        batch = put(batch, self.target, pa.array(rows, type=EXPLANATION))
        return batch if self.error is None else put(batch, self.error, to_error(errors))

    def explain(self, picture: Picture) -> Explanation:
        """Explain one picture.

        Superpixels are found at the network's input size: that is all the model can see, and the
        perturbed inputs are made there directly.
        """
        seen = self.network.resize(picture)
        segments = slic(seen, self.segments, self.compactness)
        count = int(segments.max()) + 1
        kept = fold_over(count, self.samples, self.seed)
        image = self.network.tensor(seen)
        hidden = self.network.tensor(_filled(seen, segments, count, self.fill))
        scores = np.concatenate(
            [
                self._score(np.where(part[:, segments][:, None], image, hidden))
                for part in np.split(kept, range(_CHUNK, len(kept), _CHUNK))
            ]
        )
        fit = ridge(
            kept, self._metric(scores), kernel(kept, self.kernel_width), self.regularization
        )
        return Explanation(
            classes=list(self.classes),
            scores=scores[0],  # the design's first row keeps every superpixel
            weights=fit.weights,
            intercept=fit.intercept,
            r2=fit.r2,
            forwards=len(kept),
            height=picture.shape[0],
            width=picture.shape[1],
            segments=segments,
        )

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
        return answers[:, list(self.classes)]

    def _metric(self, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        if self.metric != "logit":
            return scores
        p = np.clip(scores, _LEAST_PROBABILITY, 1.0 - _LEAST_PROBABILITY)
        return np.asarray(np.log(p) - np.log1p(-p))


def _filled(seen: Picture, segments: npt.NDArray[np.uint16], count: int, fill: str) -> Picture:
    if fill == "black":
        return np.zeros_like(seen)
    if fill == "blur":
        from scipy.ndimage import gaussian_filter

        return np.asarray(gaussian_filter(seen, sigma=(12, 12, 0)))
    flat = segments.reshape(-1)
    sizes = np.bincount(flat, minlength=count)
    means = np.stack(
        [np.bincount(flat, seen[..., c].reshape(-1), count) / sizes for c in range(3)], axis=1
    )
    return means.round().astype(np.uint8)[segments]
