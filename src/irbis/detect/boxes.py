"""BoxesFromWeights: the deck's step from LIME to bounding boxes."""

from __future__ import annotations

import pyarrow as pa

from irbis.converters import flag, number, one_of, optional, text
from irbis.detect.rules import RULES
from irbis.detect.weights_to_boxes import BoxFunction
from irbis.errors import SchemaError
from irbis.explain.explanation import EXPLANATION
from irbis.params import ParamField, param
from irbis.schema import DETECTIONS, field_of
from irbis.stage import Stage

__all__ = ["BoxesFromWeights"]


class BoxesFromWeights(Stage):
    """Turn explanations into boxes: choose superpixels by a rule, box their union.

    Parameters
    ----------
    inputCol : str, default "explanation"
        What :class:`irbis.ImageLIME` returns; its first class is taken.
    outputCol : str, default "boxes"
        array<struct(xmin, ymin, xmax, ymax, label, score)>, pixels of the picture. Empty where no
        superpixel speaks for the class, null where there is no explanation. The score is the
        model's for the whole picture.
    rule : str, default "mass"
        "deck" (the union of the superpixels in the top 70 % of weights, literally), "top_positive",
        "positive", "mass", "percentile", "max" or "otsu": see :mod:`irbis.detect.rules`.
    fraction : float or None, default None, range 0 to 1
        The rule's number; None is the rule's own (0.8 for "mass").
    largestComponent : bool or None, default None
        Box only the largest connected part; None is what the rule does ("deck": no, the others: yes).
    label : str, default "object"
        Label of the boxes.

    Examples
    --------
    >>> BoxesFromWeights(rule="deck", label="leopard").getRule()
    'deck'
    """

    inputCol: ParamField[str] = param("column of explanations", text, default="explanation")
    outputCol: ParamField[str] = param("column of boxes", text, default="boxes")
    rule: ParamField[str] = param("how superpixels are chosen", one_of(*RULES), default="mass")
    fraction: ParamField[float | None] = param(
        "the rule's number; None: its own", optional(number(0, 1)), default=None
    )
    largestComponent: ParamField[bool | None] = param(
        "only the largest connected part; None: as the rule does", optional(flag), default=None
    )
    label: ParamField[str] = param("label of the boxes", text, default="object")

    def input_columns(self) -> list[str]:
        """The column of explanations."""
        return [self.value("inputCol")]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Detections."""
        found = field_of(schema, self.value("inputCol"), reader="BoxesFromWeights")
        names = [f.name for f in found.type.fields] if pa.types.is_struct(found.type) else []
        if names != [f.name for f in EXPLANATION.fields]:
            raise SchemaError(f"{found.name}: {found.type}", expected="what ImageLIME returns")
        return [pa.field(self.value("outputCol"), DETECTIONS)]

    def make_function(self) -> BoxFunction:
        """See :class:`irbis.detect.weights_to_boxes.BoxFunction`."""
        largest = self.value("largestComponent")
        rule = self.value("rule")
        return BoxFunction(
            source=self.value("inputCol"),
            target=self.value("outputCol"),
            rule=rule,
            fraction=self.value("fraction"),
            largest=RULES[rule].largest_component if largest is None else largest,
            label=self.value("label"),
        )
