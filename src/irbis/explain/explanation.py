"""An explanation as a value: weights of superpixels, the map of them, and how far to trust it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.image.superpixel_map import pack_map, unpack_map

__all__ = ["EXPLANATION", "Explanation"]

EXPLANATION = pa.struct(
    [
        pa.field("classes", pa.list_(pa.int32())),  # explained classes
        pa.field("scores", pa.list_(pa.float64())),  # the model's answer for the picture itself
        pa.field("weights", pa.list_(pa.list_(pa.float64()))),  # a list a class, a weight a segment
        pa.field("intercept", pa.list_(pa.float64())),
        pa.field("r2", pa.list_(pa.float64())),
        pa.field("forwards", pa.int32()),
        pa.field("height", pa.int32()),  # of the picture
        pa.field("width", pa.int32()),
        pa.field("mapHeight", pa.int32()),
        pa.field("mapWidth", pa.int32()),
        pa.field("map", pa.binary()),  # zlib of uint16, little endian, row by row: segment ids
    ]
)


@dataclass(frozen=True)
class Explanation:
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

    classes: list[int]
    scores: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    intercept: npt.NDArray[np.float64]
    r2: npt.NDArray[np.float64]
    forwards: int
    height: int
    width: int
    segments: npt.NDArray[np.uint16]

    @property
    def base(self) -> npt.NDArray[np.float64]:
        """Base value of Kernel SHAP: with the weights it sums to the model's own answer."""
        return self.intercept

    def to_row(self) -> dict[str, Any]:
        """Make a value for a column of type EXPLANATION."""
        return {
            "classes": self.classes,
            "scores": self.scores.tolist(),
            "weights": self.weights.tolist(),
            "intercept": self.intercept.tolist(),
            "r2": self.r2.tolist(),
            "forwards": self.forwards,
            "height": self.height,
            "width": self.width,
            "mapHeight": self.segments.shape[0],
            "mapWidth": self.segments.shape[1],
            "map": pack_map(self.segments),
        }

    @classmethod
    def from_row(cls, row: Any) -> Explanation:
        """Read such a value: a dict, or a Spark Row."""
        row = row if isinstance(row, dict) else row.asDict()
        return cls(
            classes=list(row["classes"]),
            scores=np.asarray(row["scores"], dtype=np.float64),
            weights=np.asarray(row["weights"], dtype=np.float64),
            intercept=np.asarray(row["intercept"], dtype=np.float64),
            r2=np.asarray(row["r2"], dtype=np.float64),
            forwards=row["forwards"],
            height=row["height"],
            width=row["width"],
            segments=unpack_map(row["map"], row["mapHeight"], row["mapWidth"]),
        )
