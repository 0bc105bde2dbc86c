"""Params of every stage that makes boxes of heat maps."""

from __future__ import annotations

import pyarrow as pa

from irbis.converters import number, one_of, optional, text, whole
from irbis.detect.boxing import Boxing
from irbis.detect.heat import HEAT
from irbis.detect.rules import RULES
from irbis.params import HasParams, ParamField, param
from irbis.schema import DETECTIONS

__all__ = ["MakesBoxes"]


class MakesBoxes(HasParams):
    """What comes out, and the rule: see :class:`irbis.detect.boxing.Boxing`."""

    outputCol: ParamField[str] = param("column of boxes", text, default="boxes")
    heatCol: ParamField[str | None] = param(
        "column for the heat map; None: not returned", optional(text), default=None
    )
    rule: ParamField[str] = param("how places are chosen", one_of(*RULES), default="std")
    fraction: ParamField[float | None] = param(
        "the rule's number; None: its own", optional(number(0)), default=None
    )
    maxObjects: ParamField[int] = param("most boxes a picture", whole(1, 1000), default=1)
    minShare: ParamField[float] = param(
        "heat of a further box, as a share of the first one's", number(0, 1), default=0.3
    )
    minDip: ParamField[float | None] = param(
        "depth of a valley that parts two things, as a share of the lower hill; None: none does",
        optional(number(0, 1)),
        default=0.4,
    )
    label: ParamField[str] = param("label of the boxes", text, default="object")

    def boxing(self) -> Boxing:
        """The rule, as the batch function takes it."""
        return Boxing(
            self.value("rule"),
            self.value("fraction"),
            self.value("maxObjects"),
            self.value("minShare"),
            self.value("minDip"),
            self.value("label"),
        )

    def box_fields(self) -> list[pa.Field]:
        """Boxes, and the heat map if it is asked for."""
        heat = self.value("heatCol")
        return [
            pa.field(self.value("outputCol"), DETECTIONS),
            *([pa.field(heat, HEAT)] if heat else []),
        ]
