"""ImageSetAugmenter: the deck's augmentation stage."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

import pyarrow as pa

from irbis.converters import flag, number, optional, text, whole
from irbis.image.augmentation import AugmentFunction
from irbis.image.input import LimitsPixels, ReadsPictures
from irbis.params import ParamField, param
from irbis.schema import IMAGE
from irbis.stage import HasErrors, Stage

__all__ = ["ImageSetAugmenter"]

_ALIASES = {"flipLeftRight": "flipHorizontal", "flipUpDown": "flipVertical"}


class ImageSetAugmenter(ReadsPictures, LimitsPixels, HasErrors, Stage):
    """Add variants: every row comes out once for the picture itself and once for each variant.

    It multiplies rows when scoring too: :class:`irbis.EnsembleByKey` after it joins them again
    (test-time augmentation). Rows keep their order, and those of one picture come in the order of
    the Params below. Output pictures are Spark's image struct whatever came in.

    What is random depends on `seed` and the picture's own pixels, never on its place or the time:
    the same picture always gets the same variants.

    Parameters
    ----------
    inputCol : str, default "image"
        Encoded pictures (binary) or image structs.
    outputCol : str or None, default None
        Where the pictures go; None replaces the input column.
    flipHorizontal : bool, default True
        Add the left-right mirror image. SynapseML's name ``flipLeftRight=`` sets it too.
    flipVertical : bool, default False
        Add the upside-down mirror image. SynapseML's name ``flipUpDown=`` sets it too.
    grey : bool, default False
        Add a grey copy (three equal channels, ITU-R 601 luma).
    rotation : float, degrees, default 0, range 0 to 180
        Above 0: add copies turned by up to that much either way, at the same size; what comes in at
        the corners has the picture's mean colour.
    crop : float, default 0, range 0 to 0.9
        Above 0: add copies with up to that share of both sides cut off, somewhere; they are smaller.
    brightness : float, default 0, range 0 to 1
        Above 0: add copies whose values are multiplied by 1 - brightness to 1 + brightness.
    copies : int, default 1, range 1 to 100
        How many of each random kind.
    seed : int, default 0
    maxPixels : int, default 100,000,000
        Pixels a file may announce; more is an error row of kind "too_large".
    errors, errorCol
        See :class:`irbis.stage.HasErrors`. A picture that can't be decoded comes out once, null.

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> from irbis.image.codec import encode
    >>> table = pa.table({"image": [encode(np.zeros((8, 8, 3), np.uint8))]})
    >>> ImageSetAugmenter(flipHorizontal=True).transform(table).num_rows
    2
    >>> ImageSetAugmenter(rotation=10.0, crop=0.2, copies=3).transform(table).num_rows
    8
    """

    rows: ClassVar[Literal["one", "many"]] = "many"

    outputCol: ParamField[str | None] = param(
        "column of the resulting pictures; None: inputCol", optional(text), default=None
    )
    flipHorizontal: ParamField[bool] = param("add the left-right mirror image", flag, default=True)
    flipVertical: ParamField[bool] = param("add the upside-down mirror image", flag, default=False)
    grey: ParamField[bool] = param("add a grey copy", flag, default=False)
    rotation: ParamField[float] = param(
        "largest turn of rotated copies, degrees; 0: none", number(0, 180), default=0.0
    )
    crop: ParamField[float] = param(
        "largest share cut off cropped copies; 0: none", number(0, 0.9), default=0.0
    )
    brightness: ParamField[float] = param(
        "largest relative change of brighter and darker copies; 0: none", number(0, 1), default=0.0
    )
    copies: ParamField[int] = param("copies of each random kind", whole(1, 100), default=1)
    seed: ParamField[int] = param("seed of what is random", whole(-(2**63), 2**63), default=0)

    def _assign(self, **kwargs: Any) -> Self:
        return super()._assign(**{_ALIASES.get(name, name): v for name, v in kwargs.items()})

    def main_output(self) -> str:
        """Column of the resulting pictures."""
        return str(self.value("outputCol") or self.value("inputCol"))

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Image structs, and errors."""
        self.picture_field(schema)
        return [pa.field(self.main_output(), IMAGE), *self.error_fields()]

    def make_function(self) -> AugmentFunction:
        """See :class:`irbis.image.augmentation.AugmentFunction`."""
        return AugmentFunction(
            source=self.value("inputCol"),
            target=self.main_output(),
            error=self.error_column(),
            horizontal=self.value("flipHorizontal"),
            vertical=self.value("flipVertical"),
            grey=self.value("grey"),
            rotation=self.value("rotation"),
            crop=self.value("crop"),
            brightness=self.value("brightness"),
            copies=self.value("copies"),
            seed=self.value("seed"),
            max_pixels=self.value("maxPixels"),
        )
