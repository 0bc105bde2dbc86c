"""Pictures through a network: the function behind ImageFeaturizer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from irbis.files import FileRef
from irbis.image.codec import Picture
from irbis.image.pixels import map_pictures, resized
from irbis.model.network_input import published
from irbis.model.onnx_graph import Tensor, forward
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
    threads: int
    crop: tuple[int, ...] | None = None  # resizing before a centre crop; None: the whole picture
    resample: str = "bilinear"
    bgr: bool = False
    channels_last: bool = False
    one_by_one: bool = False  # the graph takes exactly one picture

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Featurise a batch.

        One picture a forward: on a CPU that is as fast as several, needs the memory of one, and
        gives the same bits however the rows are batched.
        """
        rows, valid, errors = map_pictures(
            column(batch, self.source),
            lambda picture: self.forward(self.tensor(picture)[None])[0],
            raising=self.error is None,
        )
        matrix = np.stack(rows) if rows else np.zeros((0, 0), np.float32)
        batch = put(batch, self.target, to_vectors(matrix, valid))
        return batch if self.error is None else put(batch, self.error, to_error(errors))

    def resize(self, picture: Picture) -> Picture:
        """The picture at the network's size: all of it, aspect not kept, or the published crop."""
        if self.crop is None:
            return resized(picture, self.width, self.height)
        return published(picture, self.crop, self.resample, self.height, self.width)

    def tensor(self, picture: Picture) -> Tensor:
        """Network input of one picture, shape (3, height, width)."""
        pixels = self.resize(picture).astype(np.float32)
        if self.bgr:
            pixels = pixels[:, :, ::-1]
        mean, std = np.asarray(self.mean, np.float32), np.asarray(self.std, np.float32)
        return np.ascontiguousarray(((pixels - mean) / std).transpose(2, 0, 1))

    def forward(self, tensors: Tensor) -> Tensor:
        """Features of network inputs: (n, 3, height, width) to (n, features)."""
        if self.channels_last:
            tensors = np.ascontiguousarray(tensors.transpose(0, 2, 3, 1))
        parts = np.split(tensors, len(tensors)) if self.one_by_one else [tensors]
        found = [forward(self.file, self.layer, part, self.threads) for part in parts]
        return np.concatenate(found).reshape(len(tensors), -1)
