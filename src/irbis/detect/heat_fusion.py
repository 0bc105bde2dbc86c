"""HeatFusion: boxes of several heat maps together."""

from __future__ import annotations

import pyarrow as pa

from irbis.converters import names, one_of
from irbis.detect.box_params import MakesBoxes
from irbis.detect.fusing import FuseFunction
from irbis.detect.heat import HEAT
from irbis.detect.rules import RULES
from irbis.errors import SchemaError
from irbis.params import UNSET, ParamField, param
from irbis.schema import field_of
from irbis.stage import Stage

__all__ = ["HeatFusion"]


class HeatFusion(MakesBoxes, Stage):
    """Box the mean of heat maps, each divided by its own standard deviation.

    Parameters
    ----------
    inputCols : list of str
        Columns of heat maps, as CamLocalizer, CoLocalizerModel and LimeLocalizer write them into
        their heatCol. A null one does not count.
    outputCol : str, default "boxes"
        array<struct(xmin, ymin, xmax, ymax, label, score)>; null where every heat map is null. The
        score is the mean of the maps'.
    heatCol : str or None, default None
        Column for the mean.
    rule : str, default "std"
        A name in :data:`irbis.detect.rules.RULES`.
    fraction, maxObjects, minShare, minDip, label
        See :class:`irbis.CamLocalizer`.

    Examples
    --------
    >>> HeatFusion(inputCols=["cam", "lime"], rule="otsu").getInputCols()
    ['cam', 'lime']
    """

    inputCols: ParamField[list[str]] = param("columns of heat maps", names, default=UNSET)
    rule: ParamField[str] = param("how places are chosen", one_of(*RULES), default="std")

    def input_columns(self) -> list[str]:
        """The columns of heat maps."""
        return list(self.value("inputCols"))

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Boxes, and the mean."""
        for name in self.value("inputCols"):
            found = field_of(schema, name, reader="HeatFusion")
            fields = found.type.fields if pa.types.is_struct(found.type) else []
            if [f.name for f in fields] != [f.name for f in HEAT.fields]:
                raise SchemaError(f"{found.name}: {found.type}", expected="heat maps")
        return self.box_fields()

    def make_function(self) -> FuseFunction:
        """See :class:`irbis.detect.fusing.FuseFunction`."""
        return FuseFunction(
            tuple(self.value("inputCols")),
            self.value("outputCol"),
            self.value("heatCol"),
            self.boxing(),
        )
