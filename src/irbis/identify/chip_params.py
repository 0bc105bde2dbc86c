"""The Params by which fitting and asking read chips alike."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from irbis.converters import number, optional, text, whole
from irbis.errors import SchemaError
from irbis.identify.chip_reading import ChipReading
from irbis.identify.embedding import Embedding
from irbis.identify.keypoints import KeypointSettings
from irbis.identify.masks import is_mask
from irbis.image.input import LimitsPixels, picture_field
from irbis.params import ParamField, param
from irbis.schema import BOX, IMAGE, field_of, is_vector
from irbis.stage import Stage

__all__ = ["ReadsChips"]

_CORNERS = [f.name for f in BOX.fields][:4]


def _featurizer(value: Any) -> Any:
    named = isinstance(value, Stage) and value.hasParam("inputCol") and value.hasParam("outputCol")
    if not named or value.rows != "one":
        raise ValueError("an ImageFeaturizer, or another stage that reads pictures from inputCol")
    return value


class ReadsChips(LimitsPixels):
    """Params of stages that cut chips and find keypoints; :class:`irbis.HotSpotter` documents them."""

    inputCol: ParamField[str] = param(
        "column of pictures: encoded (binary) or Spark's image struct", text, default="image"
    )
    boxCol: ParamField[str | None] = param(
        "column of the animal's box, or of detections; None: the whole picture",
        optional(text),
        default=None,
    )
    maskCol: ParamField[str | None] = param(
        "column of masks (pictures, heat maps, explanations); None: all of the box",
        optional(text),
        default=None,
    )
    chipSize: ParamField[int] = param(
        "side of a square with as many pixels as a chip", whole(64, 2048), default=400
    )
    maxKeypoints: ParamField[int] = param(
        "keypoints of a chip, the strongest", whole(16, 20000), default=1000
    )
    contrastThreshold: ParamField[float] = param(
        "SIFT's contrast threshold", number(0, 1), default=0.02
    )
    tilts: ParamField[int] = param(
        "steps of 1.41 up to which tilted views are simulated; 0: plain SIFT",
        whole(0, 5),
        default=0,
    )

    featurizer: ParamField[Any] = param(
        "stage that makes a vector of a chip; None: no vectors", optional(_featurizer), default=None
    )

    def chip_columns(self) -> list[str]:
        """Columns that chips are read from."""
        names = (self.value("inputCol"), self.value("boxCol"), self.value("maskCol"))
        return [n for n in names if n is not None]

    def check_chips(self, schema: pa.Schema) -> None:
        """Raise SchemaError if a column is missing or can't be what it should be."""
        reader = type(self).__name__
        picture_field(schema, self.value("inputCol"), reader=reader)
        if (mask := self.value("maskCol")) is not None:
            laid = field_of(schema, mask, reader=reader)
            if not is_mask(laid.type):
                raise SchemaError(
                    f"{mask}: {laid.type}",
                    expected="pictures, a localizer's heat maps, or explanations of pictures",
                )
        if (stage := self.value("featurizer")) is not None:
            source, target = stage.value("inputCol"), stage.value("outputCol")
            made = field_of(
                stage.output_schema(pa.schema([pa.field(source, IMAGE)])), target, reader=reader
            )
            if not is_vector(made.type):
                raise SchemaError(f"{target} of the featurizer: {made.type}", expected="a vector")
        if (box := self.value("boxCol")) is not None:
            found = field_of(schema, box, reader=reader)
            inner = getattr(found.type, "value_type", found.type)
            names = [f.name for f in inner.fields] if pa.types.is_struct(inner) else []
            scored = pa.types.is_struct(found.type) or "score" in names
            if not scored or not set(_CORNERS) <= set(names):
                raise SchemaError(
                    f"{box}: {found.type}",
                    expected=f"a struct with {_CORNERS}, or an array of such with a score",
                )

    def chip_reading(self) -> ChipReading:
        """How chips are read; see :class:`irbis.identify.chip_reading.ChipReading`."""
        stage = self.value("featurizer")
        made = None if stage is None else stage.make_function()
        return ChipReading(
            source=self.value("inputCol"),
            box=self.value("boxCol"),
            mask=self.value("maskCol"),
            side=self.value("chipSize"),
            settings=KeypointSettings(
                most=self.value("maxKeypoints"),
                contrast=self.value("contrastThreshold"),
                tilts=self.value("tilts"),
            ),
            max_pixels=self.value("maxPixels"),
            embedding=None
            if made is None
            else Embedding(made, stage.value("inputCol"), stage.value("outputCol")),
        )

    def copied(self, names: Any) -> dict[str, Any]:
        """Values of these Params, as set or by default."""
        return {n: self.value(n) for n in names if self.isDefined(self.getParam(n))}
