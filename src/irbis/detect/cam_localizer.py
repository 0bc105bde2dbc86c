"""CamLocalizer: where a linear classifier on pooled features sees its class."""

from __future__ import annotations

import pyarrow as pa

from irbis.converters import one_of
from irbis.detect.box_params import MakesBoxes
from irbis.detect.classifier_weights import ReadsClassifier
from irbis.detect.feature_maps import MapSource
from irbis.detect.localizing import LocalizeFunction
from irbis.detect.rules import RULES
from irbis.image.input import ReadsPictures
from irbis.params import ParamField, param
from irbis.stage import HasErrors, Stage

__all__ = ["CamLocalizer"]


class CamLocalizer(ReadsPictures, ReadsClassifier, MakesBoxes, HasErrors, Stage):
    """Box what a classifier looks at: class activation maps (B. Zhou et al., CVPR 2016).

    Exact for a network that averages its last feature map and a linear classifier behind it: the
    heat at a place is what that place adds to the logit. One forward for each size.

    Parameters
    ----------
    model, mapLayer, coefficients, intercept
        Network and classifier; :meth:`setClassifier` takes them from a fitted pipeline.
    sizes : list of int, pixels, default [448], range 32 to 4096
        Long sides at which a picture is looked at, its aspect kept. Small things need large ones.
    inputCol : str, default "image"
        Encoded pictures (binary) or image structs.
    outputCol : str, default "boxes"
        array<struct(xmin, ymin, xmax, ymax, label, score)>, pixels of the upright picture, largest
        first; empty where no place speaks for the class, null where the picture failed. The first
        box has the classifier's probability as its score, further ones their share of it.
    heatCol : str or None, default None
        Column for the heat map: struct(height, width, values).
    rule : str, default "percentile"
        A name in :data:`irbis.detect.rules.RULES`; places of the map count as superpixels.
    fraction : float or None, default None
        The rule's number; None: its own (0.8: the hottest fifth of the picture).
    maxObjects : int, default 1, range 1 to 1000
        Most boxes a picture.
    minShare : float, default 0.3, range 0 to 1
        Heat that a further box must have, as a share of the first one's.
    minDip : float or None, default 0.4, range 0 to 1
        Two hills of heat in one part are two things if the valley between them is this deep, as a
        share of the lower one's height; None: a connected part is one thing.
    label : str, default "object"
    errors, errorCol
        See :class:`irbis.stage.HasErrors`.

    Examples
    --------
    >>> CamLocalizer(sizes=[320, 448], label="leopard").getSizes()
    [320, 448]
    """

    rule: ParamField[str] = param("how places are chosen", one_of(*RULES), default="percentile")

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Boxes, the heat map, errors."""
        self.picture_field(schema)
        self.judges()
        return [*self.box_fields(), *self.error_fields()]

    def make_function(self) -> LocalizeFunction:
        """See :class:`irbis.detect.localizing.LocalizeFunction`."""
        judges = self.judges()
        return LocalizeFunction(
            source=self.value("inputCol"),
            target=self.value("outputCol"),
            heat=self.value("heatCol"),
            error=self.error_column(),
            network=MapSource.of(self.getModel()),
            looks=judges,
            judge=judges,
            boxing=self.boxing(),
        )
