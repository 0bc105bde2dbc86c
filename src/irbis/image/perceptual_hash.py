"""PerceptualHash: one short string that a picture and its resized or recompressed copies share."""

from __future__ import annotations

import pyarrow as pa

from irbis.converters import text
from irbis.image.fingerprint import HashFunction
from irbis.image.input import LimitsPixels, ReadsPictures
from irbis.params import ParamField, param
from irbis.stage import HasErrors, Stage

__all__ = ["PerceptualHash"]


class PerceptualHash(ReadsPictures, LimitsPixels, HasErrors, Stage):
    """Difference hash (dHash) of pictures: equal for near-duplicates, which must not be split.

    Parameters
    ----------
    inputCol : str, default "image"
        Encoded pictures (binary) or image structs.
    outputCol : str, default "hash"
        16 hex digits.
    maxPixels : int, default 100,000,000
        Pixels a file may announce; more is an error row of kind "too_large".
    errors, errorCol
        See :class:`irbis.stage.HasErrors`.

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> from irbis.image.codec import encode
    >>> table = pa.table({"image": [encode(np.zeros((8, 8, 3), np.uint8))]})
    >>> PerceptualHash().transform(table)["hash"].to_pylist()
    ['0000000000000000']
    """

    outputCol: ParamField[str] = param("column of hashes", text, default="hash")

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A string, and errors."""
        self.picture_field(schema)
        return [pa.field(self.value("outputCol"), pa.string()), *self.error_fields()]

    def make_function(self) -> HashFunction:
        """See :class:`irbis.image.fingerprint.HashFunction`."""
        return HashFunction(
            source=self.value("inputCol"),
            target=self.value("outputCol"),
            error=self.error_column(),
            max_pixels=self.value("maxPixels"),
        )
