"""Vectors of chips from a network, in whole numbers, and how alike two of them are.

A vector is divided by its length, multiplied by 4000 and rounded. Products of such vectors add up to
whole numbers below 2^24, which float32 holds exactly: likeness is the same to the bit in whatever parts
a known set is searched.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.image.codec import Picture, PictureError, to_images
from irbis.schema import BatchFunction, column
from irbis.vectors import to_matrix

__all__ = ["Embedding", "Vector", "likeness", "whole_vector"]

Vector = npt.NDArray[np.int16]
_LENGTH = 4000.0
_ROWS = 4096  # rows of a known set that are floats at one time


def whole_vector(found: npt.NDArray[np.floating]) -> Vector:
    """Round a vector to whole numbers; one of length 0 stays so, and is like nothing.

    Examples
    --------
    >>> whole_vector(np.array([3.0, -4.0])).tolist()
    [2400, -3200]
    """
    length = float(np.sqrt(np.square(found, dtype=np.float64).sum()))
    scaled = found * (_LENGTH / length) if length > 0 else np.zeros(found.shape)
    return np.rint(scaled).astype(np.int16)


def likeness(one: Vector, many: Vector) -> npt.NDArray[np.float64]:
    """Cosines of a vector, shape (d,), with many, shape (n, d): float64 of shape (n,).

    Examples
    --------
    >>> likeness(whole_vector(np.array([1.0, 0])), np.int16([[0, 4000], [4000, 0]])).tolist()
    [0.0, 1.0]
    """
    wanted = one.astype(np.float32)
    parts = [
        many[start : start + _ROWS].astype(np.float32) @ wanted
        for start in range(0, len(many), _ROWS)
    ]
    found = np.concatenate([np.zeros(0, np.float32), *parts])
    return np.asarray(found.astype(np.float64) / _LENGTH**2)


@dataclass(frozen=True)
class Embedding:
    """Makes the vector of a chip.

    Parameters
    ----------
    function : function on a RecordBatch
        Of a stage that reads pictures and writes vectors.
    source, target : str
        Its columns.
    """

    function: BatchFunction
    source: str
    target: str

    def of(self, picture: Picture) -> Vector:
        """Make a vector.

        Raises
        ------
        PictureError
            Of kind "embedding", if the stage gives none.
        """
        shown = pa.RecordBatch.from_arrays([to_images([picture], [None])], names=[self.source])
        matrix, valid = to_matrix(column(self.function(shown), self.target))
        if not valid[0] or not np.isfinite(matrix[0]).all():
            raise PictureError("embedding", f"the featurizer wrote no vector into {self.target!r}")
        return whole_vector(matrix[0])
