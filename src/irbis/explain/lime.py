"""ImageLIME: which parts of a picture made the model say what it said."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from irbis.converters import number, one_of, text, whole
from irbis.errors import ParamError, SchemaError
from irbis.explain.explanation import EXPLANATION
from irbis.explain.perturbation import LimeFunction
from irbis.files import FileRef
from irbis.image.input import ReadsPictures
from irbis.model.features import FeatureFunction
from irbis.params import UNSET, ParamField, param
from irbis.planning import Chain, Fusable, Run, flatten, plan
from irbis.schema import field_of
from irbis.stage import HasErrors, Stage
from irbis.vectors import is_vector_like

__all__ = ["ImageLIME"]

_BYTES = pa.binary()


def _model(value: Any) -> Any:
    if not hasattr(value, "transform"):
        raise ValueError("a PipelineModel or a stage")
    return value


def _classes(value: Any) -> list[int]:
    if isinstance(value, (str, int)) or not value:
        raise ValueError("a list of class numbers, at least one")
    return [whole(0)(v) for v in value]


class ImageLIME(ReadsPictures, HasErrors, Stage):
    """Explain an image classifier picture by picture (Ribeiro, Singh, Guestrin, KDD 2016).

    Superpixels are hidden after a balanced fold-over design (see
    :func:`irbis.explain.sampling.fold_over`), the model scores every perturbation inside the same
    function, and a weighted ridge in closed form gives a weight to each superpixel. The same
    picture always gets the same explanation.

    Parameters
    ----------
    model : PipelineModel or stage
        An ImageFeaturizer followed by stages that turn its features into `targetCol`: irbis stages
        or Spark ML models that have an adapter.
    inputCol : str, default "image"
        Encoded pictures (binary) or image structs.
    outputCol : str, default "explanation"
        Struct; read it with :meth:`irbis.explain.explanation.Explanation.from_row`.
    targetCol : str, default "probability"
        Column of the model to explain: a vector over classes, or a number.
    targetClasses : list of int, default [1]
        Classes to explain, all from the same perturbations.
    metric : {"logit", "probability"}, default "logit"
        "logit" explains log(p / (1 - p)): additive where a probability saturates.
        "probability" takes the column as it is.
    numSamples : int, default 128, range 2 to 65536
        Perturbations; rounded up to a power of two with room for the superpixels.
    numSegments : int, default 50, range 2 to 4096
        About how many superpixels.
    compactness : float, default 10, above 0
        Of the superpixels.
    fill : {"mean", "blur", "black"}, default "mean"
        What a hidden superpixel shows: its mean colour, the blurred picture, or black.
    kernelWidth : float, default 0.75, above 0
        Width of the distance kernel.
    regularization : float, default 1.0, from 0
        Ridge penalty.
    seed : int, default 0
        Of the design.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`.

    Raises
    ------
    ParamError
        If the model can't be run inside the function.
    """

    model: ParamField[Any] = param("classifier to explain", _model, default=UNSET)
    outputCol: ParamField[str] = param("column of explanations", text, default="explanation")
    targetCol: ParamField[str] = param("the model's column to explain", text, default="probability")
    targetClasses: ParamField[list[int]] = param("classes to explain", _classes, default=[1])
    metric: ParamField[str] = param(
        "'logit' or 'probability'", one_of("logit", "probability"), default="logit"
    )
    numSamples: ParamField[int] = param("perturbations a picture", whole(2, 65536), default=128)
    numSegments: ParamField[int] = param("superpixels, about", whole(2, 4096), default=50)
    compactness: ParamField[float] = param(
        "compactness of the superpixels", number(0, above=True), default=10.0
    )
    fill: ParamField[str] = param(
        "what a hidden superpixel shows", one_of("mean", "blur", "black"), default="mean"
    )
    kernelWidth: ParamField[float] = param("kernel width", number(0, above=True), default=0.75)
    regularization: ParamField[float] = param("ridge penalty", number(0), default=1.0)
    seed: ParamField[int] = param("seed of the design", whole(0, 2**63 - 1), default=0)

    def files(self) -> list[FileRef]:
        """Files of the model's stages; it saves them itself."""
        return []

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A struct, and errors."""
        found = self.picture_field(schema)
        self._parts(found.type)
        return [pa.field(self.value("outputCol"), EXPLANATION), *self.error_fields()]

    def _parts(self, picture: pa.DataType = _BYTES) -> tuple[FeatureFunction, Chain]:
        """The network and what follows it, checked."""
        stages = flatten([self.value("model")])
        steps = plan(stages, jvm=False)
        wrong = ParamError(
            f"a model of {', '.join(type(s).__name__ for s in stages)}",
            expected="ImageFeaturizer, then row by row stages or Spark ML models with an adapter",
            do="leave augmentation and ensembling out of the model that is explained",
        )
        if len(steps) != 1 or not isinstance(steps[0], Run) or not steps[0].keeps_rows:
            raise wrong
        first, *rest = steps[0].stages
        network = first.make_function()
        if not isinstance(network, FeatureFunction):
            raise wrong
        if network.crop is not None:
            raise ParamError(
                "ImageFeaturizer(resize='crop') in a model to explain",
                expected="resize='whole': weights are laid over the whole picture",
                do="fit and explain the classifier with resize='whole'",
            )
        schema = pa.schema([pa.field(network.source, picture)])
        for stage in steps[0].stages:
            schema = stage.output_schema(schema)
        target = field_of(schema, self.value("targetCol"), reader="ImageLIME").type
        if not (is_vector_like(target) or pa.types.is_floating(target)):
            raise SchemaError(f"{self.value('targetCol')}: {target}", expected="vector or number")
        return network, Chain(tuple(_function(s) for s in rest))

    def make_function(self) -> LimeFunction:
        """See :class:`irbis.explain.perturbation.LimeFunction`."""
        network, head = self._parts()
        return LimeFunction(
            source=self.value("inputCol"),
            target=self.value("outputCol"),
            error=self.error_column(),
            network=network,
            head=head,
            scored=self.value("targetCol"),
            classes=tuple(self.value("targetClasses")),
            metric=self.value("metric"),
            segments=self.value("numSegments"),
            compactness=self.value("compactness"),
            samples=self.value("numSamples"),
            fill=self.value("fill"),
            kernel_width=self.value("kernelWidth"),
            regularization=self.value("regularization"),
            seed=self.value("seed"),
        )


def _function(stage: Fusable) -> Any:
    return stage.make_function()
