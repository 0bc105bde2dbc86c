"""UnrollImage: pictures as plain pixel vectors, the baseline any network must beat."""

from __future__ import annotations

import pyarrow as pa

from irbis.converters import text, whole
from irbis.image.input import LimitsPixels, ReadsPictures
from irbis.image.pixels import UnrollFunction
from irbis.params import ParamField, param
from irbis.schema import VECTOR
from irbis.stage import HasErrors, Stage

__all__ = ["UnrollImage"]


def _channels(value: int) -> int:
    if value not in (1, 3):
        raise ValueError("1 (grey) or 3 (colour)")
    return value


class UnrollImage(ReadsPictures, LimitsPixels, HasErrors, Stage):
    """Resize a picture and unroll its pixels into a vector.

    Parameters
    ----------
    inputCol : str, default "image"
        Encoded pictures (binary) or image structs.
    outputCol : str, default "unrolled"
        Vector of ``nChannels * height * width`` values from 0 to 255: channel by channel, each row
        by row; channels in Spark's order blue, green, red.
    width, height : int, pixels, default 120, range 1 to 4096
    nChannels : int, default 3
        3, or 1 for grey (ITU-R 601 luma).
    maxPixels : int, default 100,000,000
        Pixels a file may announce; more is an error row of kind "too_large".
    errors, errorCol
        See :class:`irbis.stage.HasErrors`.

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> from irbis.image.codec import encode
    >>> table = pa.table({"image": [encode(np.full((8, 8, 3), 255, np.uint8))]})
    >>> out = UnrollImage(width=2, height=1, nChannels=1).transform(table)
    >>> out["unrolled"][0].as_py()["values"]
    [255.0, 255.0]
    """

    outputCol: ParamField[str] = param("column of vectors", text, default="unrolled")
    width: ParamField[int] = param("width in pixels", whole(1, 4096), default=120)
    height: ParamField[int] = param("height in pixels", whole(1, 4096), default=120)
    nChannels: ParamField[int] = param("3, or 1 for grey", _channels, default=3)

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A vector, and errors."""
        self.picture_field(schema)
        return [pa.field(self.value("outputCol"), VECTOR), *self.error_fields()]

    def make_function(self) -> UnrollFunction:
        """See :class:`irbis.image.pixels.UnrollFunction`."""
        return UnrollFunction(
            source=self.value("inputCol"),
            target=self.value("outputCol"),
            error=self.error_column(),
            width=self.value("width"),
            height=self.value("height"),
            channels=self.value("nChannels"),
            max_pixels=self.value("maxPixels"),
        )
