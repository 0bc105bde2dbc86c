"""Heat maps: how much each place of a picture looks like the target, from one forward a size.

A heat map is a sum of *looks*: a look is one direction in the features of one layer at one size of
picture. The classifier's own weights are such a direction (a class activation map), the first
principal component of the positives' features another (DDT). Each is divided by its own standard
deviation over the positives, so their mean is a fusion of equals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from PIL import Image

from irbis.detect.feature_maps import MapSource
from irbis.image.codec import Picture

__all__ = ["HEAT", "Heat", "Look", "enlarged", "fused", "heat_of", "heat_row", "look_at"]

Heat = npt.NDArray[np.float32]

# Row by row, over the whole picture; 0 is where target and surroundings part.
HEAT = pa.struct(
    [
        pa.field("height", pa.int32()),
        pa.field("width", pa.int32()),
        pa.field("values", pa.list_(pa.float32())),
        pa.field("pictureHeight", pa.int32()),
        pa.field("pictureWidth", pa.int32()),
        pa.field("score", pa.float32()),  # how sure the classifier is of the picture
        pa.field("agreement", pa.float32()),  # of the looks: see irbis.detect.agreement
    ]
)


@dataclass(frozen=True)
class Look:
    """A direction in the features of a layer.

    Parameters
    ----------
    size : int, pixels
        Long side of the picture.
    tensor : str
        Of the graph.
    vector : tuple of float
        A weight for each channel.
    offset : float
    """

    size: int
    tensor: str
    vector: tuple[float, ...]
    offset: float

    def at(self, features: npt.NDArray[np.float32]) -> Heat:
        """Heat of a feature map (channels, rows, columns)."""
        weights = np.asarray(self.vector, np.float32)
        return np.asarray(np.tensordot(weights, features, 1) + np.float32(self.offset))


def look_at(source: MapSource, looks: Sequence[Look], picture: Picture) -> list[Heat]:
    """Heat of each look, in their order, each on its own grid; one forward a size."""
    found: dict[int, Heat] = {}
    for size in sorted({look.size for look in looks}):
        mine = [(at, look) for at, look in enumerate(looks) if look.size == size]
        tensors = list(dict.fromkeys(look.tensor for _, look in mine))
        maps = dict(zip(tensors, source.maps(picture, size, tensors), strict=True))
        found |= {at: look.at(maps[look.tensor]) for at, look in mine}
    return [found[at] for at in range(len(looks))]


def enlarged(heat: Heat, height: int, width: int) -> Heat:
    """Resize, bilinear.

    Examples
    --------
    >>> enlarged(np.array([[0.0, 1.0]], np.float32), 1, 4).round(2).tolist()
    [[0.0, 0.25, 0.75, 1.0]]
    """
    if heat.shape == (height, width):
        return heat
    image = Image.fromarray(np.ascontiguousarray(heat, np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))


def fused(heats: Sequence[Heat]) -> Heat:
    """Mean of heat maps, on the finest grid among them."""
    height, width = max((heat.shape for heat in heats), key=lambda shape: shape[0] * shape[1])
    total = np.sum([enlarged(heat, height, width) for heat in heats], axis=0, dtype=np.float32)
    return np.asarray(total / np.float32(len(heats)))


def heat_row(
    heat: Heat, height: int, width: int, score: float, agreement: float | None = None
) -> dict[str, Any]:
    """A value of a column of type HEAT, for a picture of that height and width in pixels."""
    return {
        "height": heat.shape[0],
        "width": heat.shape[1],
        "values": heat.ravel().tolist(),
        "pictureHeight": height,
        "pictureWidth": width,
        "score": score,
        "agreement": agreement,
    }


def heat_of(row: dict[str, Any]) -> Heat:
    """Read such a value."""
    return np.asarray(row["values"], np.float32).reshape(row["height"], row["width"])
