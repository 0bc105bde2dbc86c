"""ChipFeatures: keypoints of the animal in each row, as a column."""

from __future__ import annotations

import pyarrow as pa

from irbis.converters import text
from irbis.identify.chip_params import ReadsChips
from irbis.identify.chip_reading import FEATURES, FeatureFunction
from irbis.params import ParamField, param
from irbis.stage import HasErrors, Stage

__all__ = ["ChipFeatures"]


class ChipFeatures(ReadsChips, HasErrors, Stage):
    """Find the keypoints of the animal in each row: what :class:`irbis.HotSpotter` fits on.

    Parameters
    ----------
    outputCol : str, default "features"
        struct(width, height, placement, geometry, descriptors); see
        :data:`irbis.identify.chip_reading.FEATURES`.
    inputCol, boxCol, maskCol, chipSize, maxKeypoints, contrastThreshold, tilts, maxPixels
        See :class:`irbis.HotSpotter`.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`. Kinds: those of pictures, "no_box", "too_small", "mask".
    """

    outputCol: ParamField[str] = param("column of keypoints", text, default="features")

    def input_columns(self) -> list[str]:
        """Pictures, boxes, masks."""
        return self.chip_columns()

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Keypoints, and errors."""
        self.check_chips(schema)
        return [pa.field(self.value("outputCol"), FEATURES), *self.error_fields()]

    def make_function(self) -> FeatureFunction:
        """See :class:`irbis.identify.chip_reading.FeatureFunction`."""
        return FeatureFunction(self.chip_reading(), self.value("outputCol"), self.error_column())
