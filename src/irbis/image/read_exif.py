"""ReadExif: when, where and by which camera a picture was taken, as the file says."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from irbis.converters import optional, text
from irbis.errors import ParamError, SchemaError
from irbis.image.exif import EXIF, TAKEN, ExifFunction
from irbis.image.input import LimitsPixels
from irbis.params import ParamField, param
from irbis.schema import field_of
from irbis.stage import HasErrors, Stage

__all__ = ["ReadExif"]


def _zone(value: Any) -> str:
    try:
        return ZoneInfo(text(value)).key
    except Exception:  # what is no name of a zone fails in several ways
        raise ValueError('a time zone such as "Asia/Bishkek" or "UTC"') from None


class ReadExif(LimitsPixels, HasErrors, Stage):
    """Read what the camera wrote into a picture; its pixels are not decoded.

    A picture without such data has nulls, not an error: most files from the web have none. Serial
    numbers are read where EXIF has them (BodySerialNumber); some makers of camera traps write them
    elsewhere, in a way of their own, which is not read.

    Parameters
    ----------
    inputCol : str, default "image"
        Encoded pictures (binary).
    outputCol : str, default "exif"
        struct(taken timestamp, make string, model string, serial string, latitude double, longitude
        double, altitude double, width int, height int): degrees (WGS84), metres, pixels of the
        upright picture.
    takenCol : str or None, default "taken"
        Column for the time alone: what a watermark needs. None: not returned.
    cameraCol : str or None, default "camera"
        Column for the camera's name: its serial number, else maker and model. None: not returned.
    timeZone : str, default "UTC"
        Zone of the cameras' clocks, for pictures that do not name one; few do.
    maxPixels : int, default 100,000,000
        Pixels a file may announce; more is an error row of kind "too_large".
    errors, errorCol
        See :class:`irbis.stage.HasErrors`. For bytes that are no picture. A truncated file is no
        error here: its header can be read.

    Raises
    ------
    SchemaError
        For a column that holds no encoded pictures.

    References
    ----------
    CIPA DC-008, Exif 3.0.

    Examples
    --------
    >>> from irbis.samples import PETS
    >>> cat = (PETS / "cats" / "Siamese_108.jpg").read_bytes()
    >>> found = ReadExif().transform(pa.table({"image": [cat]})).to_pylist()[0]
    >>> found["exif"]["taken"] is None, found["exif"]["width"] > 0, found["exif_error"]
    (True, True, None)
    """

    inputCol: ParamField[str] = param("column of encoded pictures", text, default="image")
    outputCol: ParamField[str] = param("column of what the camera wrote", text, default="exif")
    takenCol: ParamField[str | None] = param(
        "column of the time; None: not returned", optional(text), default="taken"
    )
    cameraCol: ParamField[str | None] = param(
        "column of the camera's name; None: not returned", optional(text), default="camera"
    )
    timeZone: ParamField[str] = param("zone of the cameras' clocks", _zone, default="UTC")

    def input_columns(self) -> list[str]:
        """The column of pictures."""
        return [self.value("inputCol")]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """The struct, the columns beside it, and errors."""
        found = field_of(schema, self.value("inputCol"), reader="ReadExif")
        type_ = found.type.value_type if pa.types.is_dictionary(found.type) else found.type
        if not (pa.types.is_binary(type_) or pa.types.is_large_binary(type_)):
            raise SchemaError(f"{found.name}: {found.type}", expected="encoded pictures (binary)")
        taken, camera = self.value("takenCol"), self.value("cameraCol")
        fields = [
            pa.field(self.value("outputCol"), EXIF),
            *([pa.field(taken, TAKEN)] if taken else []),
            *([pa.field(camera, pa.string())] if camera else []),
            *self.error_fields(),
        ]
        names = [found.name, *(field.name for field in fields)]
        if len(set(names)) < len(names):
            raise ParamError(f"columns {names}", expected="names that differ")
        return fields

    def make_function(self) -> ExifFunction:
        """See :class:`irbis.image.exif.ExifFunction`."""
        return ExifFunction(
            source=self.value("inputCol"),
            target=self.value("outputCol"),
            taken=self.value("takenCol"),
            camera=self.value("cameraCol"),
            error=self.error_column(),
            zone=self.value("timeZone"),
            max_pixels=self.value("maxPixels"),
        )
