"""A network's feature maps of a picture at any size, all layers of one size in one forward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from irbis.detect.detection import resize_to_multiple
from irbis.errors import DataError
from irbis.files import FileRef
from irbis.image.codec import Picture
from irbis.model.model_schema import ModelSchema
from irbis.model.network_input import planes
from irbis.model.onnx_session import Engine, Tensor, forward_all

__all__ = ["MapSource"]

# One picture is one core's work, so that the bits are the same on any number of cores.
_ENGINE = Engine(threads=1)


@dataclass(frozen=True)
class MapSource:
    """A network, and how pictures go in.

    Parameters
    ----------
    file : FileRef
    mean, std : tuple of float
    bgr, channels_last : bool, default False
    """

    file: FileRef
    mean: float | tuple[float, ...]
    std: float | tuple[float, ...]
    bgr: bool = False
    channels_last: bool = False

    @classmethod
    def of(cls, schema: ModelSchema) -> MapSource:
        """Take what a network's schema says."""
        return cls(
            schema.file,
            schema.mean,
            schema.std,
            schema.channelOrder == "BGR",
            schema.inputLayout == "NHWC",
        )

    def maps(self, picture: Picture, long_side: int, tensors: Sequence[str]) -> list[Tensor]:
        """Feature maps of one picture.

        Parameters
        ----------
        picture : ndarray of uint8, shape (height, width, 3)
        long_side : int, pixels
            The picture is resized to it, its aspect kept, both sides rounded to multiples of 32.
        tensors : sequence of str
            Of the graph.

        Returns
        -------
        list of ndarray of float32, shape (channels, rows, columns)

        Raises
        ------
        DataError
            If a tensor is no map of places.
        """
        small, _, _ = resize_to_multiple(picture, long_side)
        values = planes(small, self.mean, self.std, bgr=self.bgr)[None]
        if self.channels_last:
            values = np.ascontiguousarray(values.transpose(0, 2, 3, 1))
        found = forward_all(self.file, list(tensors), values, _ENGINE)
        return [self._turned(name, m) for name, m in zip(tensors, found, strict=True)]

    def _turned(self, name: str, values: Tensor) -> Tensor:
        if values.ndim != 4:
            raise DataError(
                f"the layer {name} of shape {values.shape}",
                expected="a map: one picture, channels, rows, columns",
                do="name an earlier layer",
            )
        one = values[0]
        last = self.channels_last and one.shape[2] >= max(one.shape[:2])
        return np.ascontiguousarray(one.transpose(2, 0, 1)) if last else one
