"""ImageSHAP: Shapley values of the superpixels of a picture."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame

from irbis.converters import number, text, whole
from irbis.errors import ParamError
from irbis.explain.asking import AsksParams
from irbis.explain.lime import ImageLIME
from irbis.explain.model_parts import Parts
from irbis.explain.perturbation import MOST_SEGMENTS, LimeFunction
from irbis.explain.shap_function import ShapFunction
from irbis.explain.shown import SHORT_SIDE
from irbis.files import FileRef
from irbis.image.input import ReadsPictures
from irbis.params import ParamField, param
from irbis.stage import Stage

__all__ = ["ImageSHAP"]


class _Coalitions(ImageLIME):
    """The same for all that is asked, with other masks and another fit."""

    def _function(self, parts: Parts) -> LimeFunction:
        return ShapFunction.like(super()._function(parts))


class ImageSHAP(ReadsPictures, AsksParams, Stage):
    """Explain an image classifier by Shapley values (Kernel SHAP; Lundberg & Lee, NeurIPS 2017).

    A coalition shows some superpixels and hides the others. The weights and the intercept, which is
    the model's answer to the hidden picture, sum to the model's answer, on the scale of the metric.
    If all coalitions fit into `numSamples`, the values are exact. The column it writes is that of
    :class:`irbis.ImageLIME`: BoxesFromWeights and the overlay take it too.

    Parameters
    ----------
    model, inputCol, outputCol, targetCol, targetClasses, metric, shortSide
        As of :class:`irbis.ImageLIME`.
    numSamples : int, default 512, range 2 to 65536
        Coalitions, each a picture for the model: at least 2 * superpixels + 2 are used
        (:func:`irbis.explain.coalitions.coalitions`). 512 is exact up to 9 superpixels.
    segmentation, numSegments, cellSize, compactness, fill
        As of :class:`irbis.ImageLIME`.
    seed : int, default 0, from 0
        Of the coalitions, and of noise.
    errors, errorCol
        As of :class:`irbis.ImageLIME`.

    Raises
    ------
    ParamError
        If the model can't be run inside the function, or a function is to be saved.

    Examples
    --------
    >>> ImageSHAP(numSegments=8).getNumSamples()
    512
    """

    numSamples: ParamField[int] = param("coalitions a picture", whole(2, 65536), default=512)
    segmentation: ParamField[str] = param(
        "a method, or a column of superpixels", text, default="slic"
    )
    numSegments: ParamField[int] = param("superpixels, about", whole(1, MOST_SEGMENTS), default=50)
    cellSize: ParamField[int | None] = param(
        "side of a superpixel in pixels, instead of numSegments",
        ImageLIME.cellSize.typeConverter,
        default=None,
    )
    compactness: ParamField[float] = param(
        "compactness of the superpixels", number(0, above=True), default=10.0
    )
    fill: ParamField[str] = param(
        "what a hidden superpixel shows", ImageLIME.fill.typeConverter, default="mean"
    )

    shortSide: ParamField[int | None] = param(
        "shorter side of what a model that is no network sees, pixels; None: as it is",
        ImageLIME.shortSide.typeConverter,
        default=SHORT_SIDE,
    )

    @property
    def takes_frame(self) -> bool:
        """See :attr:`irbis.ImageLIME.takes_frame`."""
        return self.isDefined(self.getParam("model")) and self.as_lime().takes_frame

    def transform(self, dataset: Any, params: Any = None) -> Any:
        """Run the stage; see :meth:`irbis.Stage.transform`."""
        stage = self.copy(params) if params else self
        if isinstance(dataset, DataFrame) and stage.takes_frame:
            return stage.as_lime().transform(dataset)
        return super().transform(dataset, params)

    __call__ = transform

    def files(self) -> list[FileRef]:
        """Files of the model's stages; it saves them itself."""
        return []

    def input_columns(self) -> list[str]:
        """Pictures, and superpixels if they come from a column."""
        return self.as_lime().input_columns()

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A struct, and errors."""
        return self.as_lime().output_fields(schema)

    def make_function(self) -> LimeFunction:
        """See :class:`irbis.explain.shap_function.ShapFunction`."""
        return self.as_lime().make_function()

    def as_lime(self) -> _Coalitions:
        """The stage that cuts up, hides and asks as this one does."""
        told: dict[str, Any] = {
            p.name: self.getOrDefault(p) for p in self.params if self.isDefined(p)
        }
        if "model" not in told:
            raise ParamError("ImageSHAP without model", expected="a model", do="call setModel(...)")
        return _Coalitions(**told)
