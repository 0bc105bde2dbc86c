"""Pictures through a network: the function behind ImageFeaturizer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from irbis.files import FileRef
from irbis.image.codec import Picture, PictureError, pictures
from irbis.image.pixels import resized
from irbis.model.inference import run_pictures
from irbis.model.network_input import planes, published
from irbis.model.onnx_session import Engine, Tensor, forward, task_threads
from irbis.schema import column, put, to_error
from irbis.vectors import to_vectors

__all__ = ["FeatureFunction"]


@dataclass(frozen=True)
class FeatureFunction:
    """Decodes, resizes, normalises, runs the network up to a layer and flattens what comes out."""

    source: str
    target: str
    error: str | None
    file: FileRef
    layer: str
    height: int
    width: int
    mean: float | tuple[float, ...]
    std: float | tuple[float, ...]
    engine: Engine
    crop: tuple[int, ...] | None = None  # resizing before a centre crop; None: the whole picture
    resample: str = "bilinear"
    bgr: bool = False
    channels_last: bool = False
    one_by_one: bool = False  # the graph takes exactly one picture

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Featurise a batch."""
        answers: list[Tensor] = []
        errors: list[tuple[str, str] | None] = []
        for row in run_pictures(
            column(batch, self.source),
            self.prepare,
            self.forward,
            self.engine,
            raising=self.error is None,
        ):
            if isinstance(row, PictureError):
                errors.append((row.kind, str(row)))
            else:
                answers.append(row)
                errors.append(None)
        valid = np.array([e is None for e in errors], dtype=bool)
        matrix = np.stack(answers) if answers else np.zeros((0, 0), np.float32)
        batch = put(batch, self.target, to_vectors(matrix, valid))
        return batch if self.error is None else put(batch, self.error, to_error(errors))

    def prepare(self, one: pa.Array) -> Tensor:
        """Network input of a column of one picture."""
        # The published crop is exact: nothing is decoded to less than it is.
        enough = (self.width, self.height) if self.crop is None else None
        picture = next(pictures(one, enough, exactly=enough is not None))
        if isinstance(picture, PictureError):
            raise picture
        return self.tensor(picture)

    def resize(self, picture: Picture) -> Picture:
        """The picture at the network's size: all of it, aspect not kept, or the published crop."""
        if self.crop is None:
            return resized(picture, self.width, self.height)
        return published(picture, self.crop, self.resample, self.height, self.width)

    def tensor(self, picture: Picture) -> Tensor:
        """Network input of one picture, shape (3, height, width)."""
        return planes(self.resize(picture), self.mean, self.std, bgr=self.bgr)

    def forward(self, tensors: Tensor) -> Tensor:
        """Features of network inputs: (n, 3, height, width) to (n, features)."""
        if self.channels_last:
            tensors = np.ascontiguousarray(tensors.transpose(0, 2, 3, 1))
        parts = np.split(tensors, len(tensors)) if self.one_by_one else [tensors]
        # One picture is one core's work, so that the bits are the same on any number of cores.
        threads = 1 if len(parts[0]) == 1 else task_threads(self.engine.threads)
        engine = Engine(threads, self.engine.providers)
        found = [forward(self.file, self.layer, part, engine) for part in parts]
        return np.concatenate(found).reshape(len(tensors), -1)
