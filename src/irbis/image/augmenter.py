"""ImageSetAugmenter: the deck's augmentation stage."""

from __future__ import annotations

from typing import ClassVar, Literal

import pyarrow as pa

from irbis.converters import flag, optional, text
from irbis.image.flips import FlipFunction
from irbis.image.input import ReadsPictures
from irbis.params import ParamField, param
from irbis.schema import IMAGE
from irbis.stage import HasErrors, Stage

__all__ = ["ImageSetAugmenter"]


class ImageSetAugmenter(ReadsPictures, HasErrors, Stage):
    """Add mirror images: every row comes out once for the picture itself and once for each flip.

    It multiplies rows when scoring too: :class:`irbis.EnsembleByKey` after it joins them again
    (test-time augmentation). Rows keep their order, the original before its flips. Output pictures
    are Spark's image struct whatever came in.

    Parameters
    ----------
    inputCol : str, default "image"
        Encoded pictures (binary) or image structs.
    outputCol : str or None, default None
        Where the pictures go; None replaces the input column.
    flipHorizontal : bool, default True
        Add the left-right mirror image.
    flipVertical : bool, default False
        Add the upside-down mirror image.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`. A picture that can't be decoded comes out once, null.

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> from irbis.image.codec import encode
    >>> table = pa.table({"image": [encode(np.zeros((8, 8, 3), np.uint8))]})
    >>> ImageSetAugmenter(flipHorizontal=True).transform(table).num_rows
    2
    """

    rows: ClassVar[Literal["one", "many"]] = "many"

    outputCol: ParamField[str | None] = param(
        "column of the resulting pictures; None: inputCol", optional(text), default=None
    )
    flipHorizontal: ParamField[bool] = param("add the left-right mirror image", flag, default=True)
    flipVertical: ParamField[bool] = param("add the upside-down mirror image", flag, default=False)

    def _target(self) -> str:
        return str(self.value("outputCol") or self.value("inputCol"))

    def error_column(self) -> str | None:
        """Name of the error column; see :class:`irbis.stage.HasErrors`."""
        stated = self.value("outputCol")
        if stated is None and self.value("errorCol") == "{outputCol}_error":
            return None if self.value("errors") == "raise" else f"{self._target()}_error"
        return super().error_column()

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Image structs, and errors."""
        self.picture_field(schema)
        return [pa.field(self._target(), IMAGE), *self.error_fields()]

    def make_function(self) -> FlipFunction:
        """See :class:`irbis.image.flips.FlipFunction`."""
        return FlipFunction(
            source=self.value("inputCol"),
            target=self._target(),
            error=self.error_column(),
            horizontal=self.value("flipHorizontal"),
            vertical=self.value("flipVertical"),
        )
