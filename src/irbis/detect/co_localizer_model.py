"""CoLocalizerModel: what CoLocalizer learned, as a stage."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from irbis.detect.box_params import MakesBoxes
from irbis.detect.classifier_weights import ReadsClassifier, long_sides
from irbis.detect.feature_maps import MapSource
from irbis.detect.heat import Look
from irbis.detect.localizing import LocalizeFunction
from irbis.image.input import ReadsPictures
from irbis.params import UNSET, ParamField, param
from irbis.stage import HasErrors, Stage

__all__ = ["SIZES", "CoLocalizerModel"]

#: Long sides at which pictures are looked at, unless others are set.
SIZES = [448, 640]


def _looks(value: Any) -> list[dict[str, Any]]:
    try:
        return [
            {
                "size": int(look["size"]),
                "tensor": str(look["tensor"]),
                "vector": [float(v) for v in look["vector"]],
                "offset": float(look["offset"]),
            }
            for look in value
        ]
    except (TypeError, KeyError, ValueError):
        raise ValueError("a list of size, tensor, vector and offset") from None


def _rows(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise ValueError("a list of dicts")
    return value


class CoLocalizerModel(ReadsPictures, ReadsClassifier, MakesBoxes, HasErrors, Stage):
    """Box what the pictures of one thing have in common; made by :class:`irbis.CoLocalizer`.

    Parameters
    ----------
    looks : list of dict
        Directions in layers' features whose mean is the heat map: size, tensor, vector, offset.
    report : list of dict
        Of each principal component: size, layer, correlation with the classifier's heat, share of
        the variance, whether it is used.
    counts : dict
        Pictures that it was learned from ("pictures"), that the classifier did not believe in
        ("left_out"), that could not be read ("failed").
    model, mapLayer, coefficients, intercept, sizes, inputCol, outputCol, heatCol
        As of :class:`irbis.CoLocalizer`, which passes its own on.
    rule, fraction, maxObjects, minShare, minDip, label, errors, errorCol
        The same.

    Examples
    --------
    >>> CoLocalizerModel(looks=[], rule="otsu").getRule()
    'otsu'
    """

    sizes: ParamField[list[int]] = long_sides(SIZES)
    looks: ParamField[list[dict[str, Any]]] = param("directions of the heat", _looks, default=UNSET)
    report: ParamField[list[dict[str, Any]]] = param("about each component", _rows, default=[])
    counts: ParamField[dict[str, int]] = param("pictures learned from", dict, default={})

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Boxes, the heat map, errors."""
        self.picture_field(schema)
        return [*self.box_fields(), *self.error_fields()]

    def make_function(self) -> LocalizeFunction:
        """See :class:`irbis.detect.localizing.LocalizeFunction`."""
        return LocalizeFunction(
            source=self.value("inputCol"),
            target=self.value("outputCol"),
            heat=self.value("heatCol"),
            error=self.error_column(),
            network=MapSource.of(self.getModel()),
            looks=tuple(
                Look(look["size"], look["tensor"], tuple(look["vector"]), look["offset"])
                for look in self.value("looks")
            ),
            judge=self.judges(),
            boxing=self.boxing(),
        )
