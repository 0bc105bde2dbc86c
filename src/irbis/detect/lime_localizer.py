"""LimeLocalizer: the deck's route from any classifier to boxes, as one stage."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from irbis.converters import flag, number, one_of, optional, text
from irbis.detect.heat import HEAT
from irbis.detect.lime_boxes import LimeBoxFunction
from irbis.detect.rules import RULES
from irbis.detect.weights_to_boxes import BoxFunction
from irbis.explain.lime import ImageLIME
from irbis.image.input import picture_field
from irbis.params import UNSET, ParamField, param
from irbis.schema import DETECTIONS
from irbis.stage import HasErrors, Stage

__all__ = ["LimeLocalizer"]


def _explainer(value: Any) -> Any:
    if not isinstance(value, ImageLIME):
        raise ValueError("an ImageLIME")
    return value


class LimeLocalizer(HasErrors, Stage):
    """Box what LIME finds a picture's answer to depend on: for any classifier, a black box too.

    An :class:`irbis.ImageLIME` followed by :class:`irbis.BoxesFromWeights`, with the output of the
    other localizers. It costs over a hundred forwards a picture, they cost one:
    docs/detection.md compares the boxes.

    Parameters
    ----------
    explainer : ImageLIME
        With its model, inputCol, and what else it needs; its first class is taken.
    outputCol : str, default "boxes"
        array<struct(xmin, ymin, xmax, ymax, label, score)>, pixels of the upright picture; empty
        where nothing speaks for the class, null where the picture failed.
    heatCol : str or None, default None
        Column for the heat map: the superpixels' weights.
    rule, fraction, largestComponent, label
        See :class:`irbis.BoxesFromWeights`.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`; kinds as of ImageLIME.

    Examples
    --------
    >>> from irbis import ImageLIME
    >>> LimeLocalizer(explainer=ImageLIME(), rule="deck").getRule()
    'deck'
    """

    explainer: ParamField[Any] = param("an ImageLIME", _explainer, default=UNSET)
    outputCol: ParamField[str] = param("column of boxes", text, default="boxes")
    heatCol: ParamField[str | None] = param(
        "column for the heat map; None: not returned", optional(text), default=None
    )
    rule: ParamField[str] = param("how superpixels are chosen", one_of(*RULES), default="mass")
    fraction: ParamField[float | None] = param(
        "the rule's number; None: its own", optional(number(0)), default=None
    )
    largestComponent: ParamField[bool | None] = param(
        "only the largest connected part; None: as the rule does", optional(flag), default=None
    )
    label: ParamField[str] = param("label of the boxes", text, default="object")

    def input_columns(self) -> list[str]:
        """What the explainer reads."""
        return list(self.value("explainer").input_columns())

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Boxes, the heat map, errors."""
        stage = self.value("explainer")
        stage.output_fields(schema)
        picture_field(
            schema, stage.value("inputCol"), self.value("outputCol"), reader="LimeLocalizer"
        )
        heat = self.value("heatCol")
        return [
            pa.field(self.value("outputCol"), DETECTIONS),
            *([pa.field(heat, HEAT)] if heat else []),
            *self.error_fields(),
        ]

    def make_function(self) -> LimeBoxFunction:
        """See :class:`irbis.detect.lime_boxes.LimeBoxFunction`."""
        explainer = self.value("explainer")
        # Between the two: names that no column has.
        inner = explainer.copy(
            {
                explainer.getParam("outputCol"): "irbis explanation",
                explainer.getParam("errorCol"): "irbis explanation error",
                explainer.getParam("errors"): self.value("errors"),
            }
        )
        rule, largest = self.value("rule"), self.value("largestComponent")
        return LimeBoxFunction(
            explain=inner.make_function(),
            boxes=BoxFunction(
                source="irbis explanation",
                target=self.value("outputCol"),
                rule=rule,
                fraction=self.value("fraction"),
                largest=RULES[rule].largest_component if largest is None else largest,
                label=self.value("label"),
            ),
            heat=self.value("heatCol"),
            error=self.error_column(),
        )
