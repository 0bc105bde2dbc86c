"""SuperpixelTransformer: which superpixel each pixel of a picture belongs to."""

from __future__ import annotations

import pyarrow as pa

from irbis.converters import number, one_of, optional, text, whole
from irbis.image.input import LimitsPixels, ReadsPictures
from irbis.image.segmenting import MAX_SEGMENTS, SegmentFunction
from irbis.image.superpixel import METHODS
from irbis.image.superpixel_map import SUPERPIXELS
from irbis.params import ParamField, param
from irbis.stage import HasErrors, Stage

__all__ = ["SuperpixelTransformer"]


class SuperpixelTransformer(ReadsPictures, LimitsPixels, HasErrors, Stage):
    """Cut pictures into superpixels: connected patches of one colour or so.

    Parameters
    ----------
    inputCol : str, default "image"
        Encoded pictures (binary) or image structs.
    outputCol : str, default "superpixels"
        Struct of height, width (the picture's, pixels), mapHeight, mapWidth, count and map (zlib of
        uint16 ids 0 .. count-1). :class:`irbis.image.superpixel_map.Superpixels` reads it.
    method : str, default "slic"
        "slic" (Achanta et al., PAMI 2012), "felzenszwalb" (IJCV 2004) or "watershed" (compact
        watershed on Sobel edges, ICPR 2014), as scikit-image has them.
    numSegments : int, default 50, range 1 to 10000
        About how many; the picture decides, and ``count`` says.
    cellSize : int or None, pixels, default None, from 1
        Instead of numSegments: the side of a superpixel, were it square.
    compactness : float, above 0, default 10
        Higher: squarer; lower: closer to the colours. "felzenszwalb" ignores it.
    shortSide : int, pixels, default 320, range 16 to 4096
        A picture whose shorter side is longer is cut up at this size; the map then is smaller than
        the picture, and covers all of it.
    maxPixels : int, default 100,000,000
        Pixels a file may announce; more is an error row of kind "too_large".
    errors, errorCol
        See :class:`irbis.stage.HasErrors`.

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> from irbis.image.codec import encode
    >>> from irbis.image.superpixel_map import Superpixels
    >>> table = pa.table({"image": [encode(np.zeros((40, 60, 3), np.uint8))]})
    >>> out = SuperpixelTransformer(cellSize=20).transform(table)
    >>> found = Superpixels.from_row(out["superpixels"][0].as_py())
    >>> found.count, found.labels().shape
    (6, (40, 60))
    """

    outputCol: ParamField[str] = param("column of superpixels", text, default="superpixels")
    method: ParamField[str] = param("how to cut up", one_of(*METHODS), default="slic")
    numSegments: ParamField[int] = param(
        "about how many superpixels", whole(1, MAX_SEGMENTS), default=50
    )
    cellSize: ParamField[int | None] = param(
        "side of a superpixel in pixels, instead of numSegments", optional(whole(1)), default=None
    )
    compactness: ParamField[float] = param(
        "higher: squarer; lower: closer to the colours", number(0, above=True), default=10.0
    )
    shortSide: ParamField[int] = param(
        "shorter side in pixels at which larger pictures are cut up", whole(16, 4096), default=320
    )

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Superpixels, and errors."""
        self.picture_field(schema)
        return [pa.field(self.value("outputCol"), SUPERPIXELS), *self.error_fields()]

    def make_function(self) -> SegmentFunction:
        """See :class:`irbis.image.segmenting.SegmentFunction`."""
        return SegmentFunction(
            source=self.value("inputCol"),
            target=self.value("outputCol"),
            error=self.error_column(),
            method=self.value("method"),
            segments=self.value("numSegments"),
            cell=self.value("cellSize"),
            compactness=self.value("compactness"),
            short_side=self.value("shortSide"),
            max_pixels=self.value("maxPixels"),
        )
