"""ImageLIME: which parts of a picture made the model say what it said."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame

from irbis.converters import number, one_of, optional, text, whole
from irbis.errors import ParamError, SchemaError
from irbis.explain.explanation import EXPLANATION
from irbis.explain.filling import FILLS, is_colour
from irbis.explain.model_parts import Parts, is_opaque, parts_of
from irbis.explain.on_frame import explain_frame, shows_files
from irbis.explain.perturbation import ADAPTIVE, MOST_SEGMENTS, LimeFunction
from irbis.explain.sampling import SAMPLERS
from irbis.explain.shown import SHORT_SIDE, Shown
from irbis.explain.surrogate import SURROGATES
from irbis.files import FileRef
from irbis.image.input import ReadsPictures
from irbis.image.superpixel import METHODS
from irbis.image.superpixel_map import SUPERPIXELS
from irbis.params import UNSET, ParamField, param
from irbis.planning import Chain
from irbis.schema import field_of
from irbis.spark_schema import arrow_schema
from irbis.stage import HasErrors, Stage

__all__ = ["ImageLIME"]

_BYTES = pa.binary()


def _model(value: Any) -> Any:
    if not (hasattr(value, "transform") or callable(value)):
        raise ValueError("a PipelineModel, a stage, a transformer or a function on pictures")
    return value


def _classes(value: Any) -> list[int]:
    if isinstance(value, (str, int)) or not value:
        raise ValueError("a list of class numbers, at least one")
    return [whole(0)(v) for v in value]


def _fill(value: Any) -> str:
    if value not in FILLS and not (isinstance(value, str) and is_colour(value)):
        raise ValueError(f"one of {', '.join(map(repr, FILLS))}, or a colour as '#rrggbb'")
    return str(value)


class ImageLIME(ReadsPictures, HasErrors, Stage):
    """Explain an image classifier picture by picture (Ribeiro, Singh, Guestrin, KDD 2016).

    Superpixels are hidden after a balanced fold-over design (see
    :func:`irbis.explain.sampling.fold_over`), the model scores every perturbation inside the same
    function, and a weighted ridge in closed form gives a weight to each superpixel. The same
    picture always gets the same explanation. Perturbed pictures are made 16 at a time in the
    network's own input; of a sample only its mask and answers stay, some 1 kB.

    Parameters
    ----------
    model : PipelineModel, stage, transformer or function
        Irbis stages and Spark ML models that have an adapter run inside the function: an
        ImageFeaturizer and what follows it in its network's own input, others (such as UnrollImage
        and OnnxModel) on image structs. Any other Spark transformer that answers row by row and
        lets columns pass runs on a DataFrame, on pictures of the kind that `inputCol` holds, under
        that name: see :mod:`irbis.explain.on_frame`. Or a function: pictures, uint8, shape
        (n, height, width, 3), at most 16, to answers, shape (n, classes) or (n,). It must be
        picklable for Spark, and is not saved.
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
        Perturbations: "foldover" and "shuffled" round up to a power of two with room for the superpixels,
        "antithetic" to an even number, "adaptive" takes it as its limit.
    sampler : {"foldover", "shuffled", "antithetic", "independent", "adaptive"}, default "foldover"
        Which superpixels are hidden together: :mod:`irbis.explain.sampling`. "foldover" is one
        design, whatever the seed; "shuffled" is the same with columns that the seed draws, to see
        how much hangs on that; "adaptive" adds
        fold-over designs until the ranking of superpixels is stable
        (:func:`irbis.explain.adaptive.until_stable`). ``forwards`` of the result says how many
        there were.
    stability : float, default 0.95, range 0 to 1
        Of "adaptive": Spearman's correlation of the ranks before and after a round that is enough.
    segmentation : str, default "slic"
        "slic", "felzenszwalb" or "watershed" (see :class:`irbis.SuperpixelTransformer`), or the
        name of a column of superpixels as that stage writes them. One of them too small for the
        network's input keeps its number, shows nowhere, and its weight is about 0.
    numSegments : int, default 50, range 1 to 4096
        About how many superpixels.
    cellSize : int or None, pixels of the picture, default None, from 1
        Instead of numSegments: the side of a superpixel, were it square.
    compactness : float, default 10, above 0
        Of the superpixels.
    fill : {"mean", "blur", "black", "noise"} or "#rrggbb", default "mean"
        What a hidden superpixel shows: its mean colour, the blurred picture, black, noise, or a
        colour.
    kernelWidth : float, default 0.75, above 0
        Width of the distance kernel.
    regularization : float, default 1.0, from 0
        Penalty of the surrogate.
    surrogate : {"ridge", "lasso"}, default "ridge"
        :func:`irbis.explain.surrogate.ridge`, or :func:`irbis.explain.surrogate.lasso`, which gives
        superpixels that hardly matter a weight of exactly 0.
    shortSide : int or None, pixels, default 224, from 1
        What a model sees that is no ImageFeaturizer: the picture, its shorter side at most that
        long. None: as it is.
    seed : int, default 0, from 0
        Of what is drawn: every design but "foldover", and noise.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`. Beside what is wrong with pictures: "score", the model
        does not score the classes; "segments", superpixels that are null, damaged or over 4096.

    Notes
    -----
    Every picture that can be decoded has an explanation. One of a single colour, under a fill of
    that colour, has weights of 0 and r2 0. One smaller than a cell is one superpixel, whose weight
    is what the model loses without it.

    Raises
    ------
    ParamError
        If the model can't be run inside the function, or a function is to be saved.
    """

    model: ParamField[Any] = param("classifier to explain", _model, default=UNSET)
    outputCol: ParamField[str] = param("column of explanations", text, default="explanation")
    targetCol: ParamField[str] = param("the model's column to explain", text, default="probability")
    targetClasses: ParamField[list[int]] = param("classes to explain", _classes, default=[1])
    metric: ParamField[str] = param(
        "'logit' or 'probability'", one_of("logit", "probability"), default="logit"
    )
    numSamples: ParamField[int] = param("perturbations a picture", whole(2, 65536), default=128)
    sampler: ParamField[str] = param(
        "which superpixels are hidden together", one_of(*SAMPLERS, ADAPTIVE), default="foldover"
    )
    stability: ParamField[float] = param(
        "rank correlation at which 'adaptive' stops", number(0, 1), default=0.95
    )
    segmentation: ParamField[str] = param(
        f"one of {', '.join(METHODS)}, or a column of superpixels", text, default="slic"
    )
    numSegments: ParamField[int] = param("superpixels, about", whole(1, MOST_SEGMENTS), default=50)
    cellSize: ParamField[int | None] = param(
        "side of a superpixel in pixels, instead of numSegments", optional(whole(1)), default=None
    )
    compactness: ParamField[float] = param(
        "compactness of the superpixels", number(0, above=True), default=10.0
    )
    fill: ParamField[str] = param("what a hidden superpixel shows", _fill, default="mean")
    kernelWidth: ParamField[float] = param("kernel width", number(0, above=True), default=0.75)
    regularization: ParamField[float] = param("penalty", number(0), default=1.0)
    surrogate: ParamField[str] = param("'ridge' or 'lasso'", one_of(*SURROGATES), default="ridge")
    shortSide: ParamField[int | None] = param(
        "shorter side of what a model that is no network sees, pixels; None: as it is",
        optional(whole(1)),
        default=SHORT_SIDE,
    )
    seed: ParamField[int] = param("seed of the design", whole(0, 2**63 - 1), default=0)

    def files(self) -> list[FileRef]:
        """Files of the model's stages; it saves them itself."""
        return []

    def input_columns(self) -> list[str]:
        """Pictures, and superpixels if they come from a column."""
        segmentation = self.value("segmentation")
        return super().input_columns() + ([] if segmentation in METHODS else [segmentation])

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A struct, and errors."""
        found = self.picture_field(schema)
        if not self.takes_frame:
            self._parts(found.type)
        segmentation = self.value("segmentation")
        if segmentation not in METHODS:
            given = field_of(schema, segmentation, reader="ImageLIME").type
            if not (pa.types.is_struct(given) and _types(given) == _types(SUPERPIXELS)):
                raise SchemaError(
                    f"{segmentation}: {given}",
                    expected=f"{', '.join(METHODS)}, or a column that SuperpixelTransformer wrote",
                )
        return [pa.field(self.value("outputCol"), EXPLANATION), *self.error_fields()]

    def saved_params(self) -> dict[str, Any]:
        """See :meth:`irbis.params.HasParams.saved_params`; a function can't be among them."""
        found = super().saved_params()
        if "model" in found and not hasattr(found["model"], "transform"):
            raise ParamError(
                "ImageLIME with a function as its model",
                expected="a model that can be saved",
                do="save it with a stage or a PipelineModel, or set the function after loading",
            )
        return found

    @property
    def takes_frame(self) -> bool:
        """Whether the model is one that only Spark can run: a step of its own on a DataFrame."""
        return self.isDefined(self.getParam("model")) and is_opaque(self.value("model"))

    def transform(self, dataset: Any, params: Any = None) -> Any:
        """Run the stage; see :meth:`irbis.Stage.transform`."""
        stage = self.copy(params) if params else self
        if isinstance(dataset, DataFrame) and stage.takes_frame:
            schema = arrow_schema(dataset.schema)
            function = stage.make_frame_function(schema)
            return explain_frame(
                stage.value("model"), dataset, function, stage.output_schema(schema)
            )
        return super().transform(dataset, params)

    __call__ = transform

    def _parts(self, picture: pa.DataType = _BYTES) -> Parts:
        """See :func:`irbis.explain.model_parts.parts_of`."""
        return parts_of(
            self.value("model"),
            self.value("targetCol"),
            self.value("inputCol"),
            self.value("shortSide"),
            picture,
        )

    def make_frame_function(self, schema: pa.Schema) -> LimeFunction:
        """Make the function for a model that only Spark can run; it has no answers of its own.

        Raises
        ------
        ParamError
            With sampler="adaptive".
        """
        if self.value("sampler") == ADAPTIVE:
            raise ParamError(
                "sampler='adaptive' with a model that only Spark can run",
                expected=f"one of {', '.join(SAMPLERS)}: all samples are made before any is scored",
            )
        encoded = shows_files(schema, self.value("inputCol"))
        shown = Shown(short_side=self.value("shortSide"), encoded=encoded)
        return self._function(Parts(shown, Chain(())))

    def make_function(self) -> LimeFunction:
        """See :class:`irbis.explain.perturbation.LimeFunction`.

        Raises
        ------
        ParamError
            If only Spark can run the model.
        """
        if self.takes_frame:
            raise ParamError(
                f"{type(self.value('model')).__name__}, which only Spark can run",
                expected="a Spark DataFrame to explain it on",
            )
        return self._function(self._parts())

    def _function(self, parts: Parts) -> LimeFunction:
        return LimeFunction(
            source=self.value("inputCol"),
            target=self.value("outputCol"),
            error=self.error_column(),
            network=parts.network,
            head=parts.head,
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
            segmentation=self.value("segmentation"),
            cell=self.value("cellSize"),
            sampler=self.value("sampler"),
            stability=self.value("stability"),
            surrogate=self.value("surrogate"),
        )


def _types(struct: pa.StructType) -> dict[str, pa.DataType]:
    return {field.name: field.type for field in struct}
