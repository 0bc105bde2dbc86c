"""The check that every stage which reads pictures makes on the driver."""

from __future__ import annotations

import pyarrow as pa

from irbis.converters import text, whole
from irbis.errors import ParamError, SchemaError
from irbis.image.decoding import MAX_PIXELS
from irbis.params import HasParams, ParamField, param
from irbis.schema import field_of, is_picture

__all__ = ["LimitsPixels", "ReadsPictures", "picture_field"]


def picture_field(
    schema: pa.Schema, source: str, target: str | None = None, *, reader: str
) -> pa.Field:
    """Return the field of the column `source`, from which `reader` makes the column `target`.

    Raises
    ------
    SchemaError
        If it is missing or can't hold pictures.
    ParamError
        If `target` is the same column.
    """
    found = field_of(schema, source, reader=reader)
    if not is_picture(found.type):
        raise SchemaError(
            f"{found.name}: {found.type}",
            expected="encoded pictures (binary) or Spark's image struct",
        )
    if found.name == target:
        raise ParamError(f"outputCol={found.name!r}", expected="another name than inputCol")
    return found


class ReadsPictures(HasParams):
    """The Param and the check that all stages share which read one column of pictures."""

    inputCol: ParamField[str] = param(
        "column of pictures: encoded (binary) or Spark's image struct", text, default="image"
    )

    def input_columns(self) -> list[str]:
        """The column of pictures."""
        return [self.value("inputCol")]

    def picture_field(self, schema: pa.Schema) -> pa.Field:
        """Return the column's field; raises what :func:`picture_field` raises."""
        return picture_field(
            schema, self.value("inputCol"), self.value("outputCol"), reader=type(self).__name__
        )


class LimitsPixels(HasParams):
    """The Param of stages of this room that decode: how large a picture may be."""

    maxPixels: ParamField[int] = param(
        "pixels that a file may announce; more is an error row of kind 'too_large'",
        whole(1),
        default=MAX_PIXELS,
    )
