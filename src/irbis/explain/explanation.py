"""An explanation as a value: weights of superpixels, the map of them, and how far to trust it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.explain.explained import FIELDS, Explained, as_dict
from irbis.image.superpixel_map import pack_map, unpack_map

__all__ = ["EXPLANATION", "Explanation"]

EXPLANATION = pa.struct(
    [
        *FIELDS,
        pa.field("height", pa.int32()),  # of the picture
        pa.field("width", pa.int32()),
        pa.field("mapHeight", pa.int32()),
        pa.field("mapWidth", pa.int32()),
        pa.field("map", pa.binary()),  # zlib of uint16, little endian, row by row: segment ids
    ]
)


@dataclass(frozen=True)
class Explanation(Explained):
    """One picture explained.

    Parameters
    ----------
    classes : list of int
        Explained classes.
    scores : ndarray of float64, shape (classes,)
        The model's answer for the whole picture, on the scale of the target column.
    weights : ndarray of float64, shape (classes, segments)
        How much each superpixel adds to the target.
    intercept, r2 : ndarray of float64, shape (classes,)
        Of the linear surrogate; r2 on the perturbations it was fitted to. Of Kernel SHAP the
        intercept is the base value: the picture with all hidden.
    forwards : int
        Pictures the model scored for this.
    height, width : int, pixels
        Of the picture.
    segments : ndarray of uint16, shape (mapHeight, mapWidth)
        Superpixel of each pixel; the map covers the whole picture, at its own size.
    """

    height: int
    width: int
    segments: npt.NDArray[np.uint16]

    def to_row(self) -> dict[str, Any]:
        """Make a value for a column of type EXPLANATION."""
        return {
            **super().to_row(),
            "height": self.height,
            "width": self.width,
            "mapHeight": self.segments.shape[0],
            "mapWidth": self.segments.shape[1],
            "map": pack_map(self.segments),
        }

    @classmethod
    def from_row(cls, row: Any) -> Explanation:
        """Read such a value: a dict, or a Spark Row."""
        row = as_dict(row)
        return cls(
            **cls.shared(row),
            height=row["height"],
            width=row["width"],
            segments=unpack_map(row["map"], row["mapHeight"], row["mapWidth"]),
        )
