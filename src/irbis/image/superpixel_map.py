"""Superpixels as a value: a small compressed map that says which one each pixel belongs to."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from irbis.image.superpixel import Labels

__all__ = ["SUPERPIXELS", "Superpixels", "pack_map", "unpack_map"]

SUPERPIXELS = pa.struct(
    [
        pa.field("height", pa.int32()),  # of the picture
        pa.field("width", pa.int32()),
        pa.field("mapHeight", pa.int32()),
        pa.field("mapWidth", pa.int32()),
        pa.field("count", pa.int32()),
        pa.field("map", pa.binary()),  # zlib of uint16, little endian, row by row: ids 0 .. count-1
    ]
)


def pack_map(labels: Labels) -> bytes:
    """Compress a map of superpixels: zlib of uint16, little endian, row by row.

    Examples
    --------
    >>> unpack_map(pack_map(np.array([[0, 1]], np.uint16)), 1, 2).tolist()
    [[0, 1]]
    """
    return zlib.compress(labels.astype("<u2").tobytes(), 6)


def unpack_map(data: bytes, height: int, width: int) -> Labels:
    """Read a compressed map; the inverse of :func:`pack_map`.

    Raises
    ------
    ValueError
        If it does not hold height x width ids.
    """
    size = 2 * height * width
    # Never more than that, whatever the bytes would expand to.
    flat = zlib.decompressobj().decompress(data, size + 1)
    if len(flat) != size:
        raise ValueError(f"a map of {height} x {width} superpixel ids, {size} bytes")
    return np.frombuffer(flat, dtype="<u2").reshape(height, width).astype(np.uint16)


@dataclass(frozen=True)
class Superpixels:
    """One picture's superpixels.

    Parameters
    ----------
    height, width : int, pixels
        Of the picture.
    segments : ndarray of uint16, shape (mapHeight, mapWidth)
        Id of each pixel; the map covers the whole picture, at its own size.
    """

    height: int
    width: int
    segments: Labels

    @property
    def count(self) -> int:
        """How many there are."""
        return int(self.segments.max()) + 1

    def labels(self) -> Labels:
        """Ids at the picture's own size, shape (height, width).

        Examples
        --------
        >>> Superpixels(2, 4, np.array([[0, 1]], np.uint16)).labels().tolist()
        [[0, 0, 1, 1], [0, 0, 1, 1]]
        """
        high, wide = self.segments.shape
        rows = np.arange(self.height) * high // self.height
        columns = np.arange(self.width) * wide // self.width
        return self.segments[np.ix_(rows, columns)]

    def to_row(self) -> dict[str, Any]:
        """Make a value for a column of type SUPERPIXELS."""
        return {
            "height": self.height,
            "width": self.width,
            "mapHeight": self.segments.shape[0],
            "mapWidth": self.segments.shape[1],
            "count": self.count,
            "map": pack_map(self.segments),
        }

    @classmethod
    def from_row(cls, row: Any) -> Superpixels:
        """Read such a value: a dict, or a Spark Row."""
        row = row if isinstance(row, dict) else row.asDict()
        segments = unpack_map(row["map"], row["mapHeight"], row["mapWidth"])
        return cls(row["height"], row["width"], segments)
