"""ImageFeaturizer: pictures to the features of a network, cut at the layer you name."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from irbis.converters import names, one_of, optional, text, whole
from irbis.errors import ParamError
from irbis.files import FileRef
from irbis.image.input import ReadsPictures
from irbis.model.features import FeatureFunction
from irbis.model.hub import ModelSchema, network
from irbis.model.onnx_file import graph_tensors
from irbis.model.onnx_session import CPU, Engine
from irbis.params import UNSET, ParamField, param
from irbis.schema import VECTOR
from irbis.stage import HasErrors, Stage

__all__ = ["ImageFeaturizer"]


class ImageFeaturizer(ReadsPictures, HasErrors, Stage):
    """Run pictures through a network and return the output of one of its layers as a vector.

    Parameters
    ----------
    inputCol : str, default "image"
        Encoded pictures (binary) or image structs.
    outputCol : str, default "features"
        Vector (float64); a layer that is a map is flattened channel by channel.
    model : ModelSchema, str or Path
        From :class:`irbis.ModelDownloader`; or the name of a packaged network, or the path of an
        ONNX file or of a folder in the Hugging Face layout.
    cutOutputLayers : int, default 2, from 0
        Layers cut from the end, the same for every network: 0 probabilities, 1 logits, 2 pooled
        features (what the classifier sees), 3 the whole feature map (of a transformer: all
        tokens), from 4 on further ``ModelSchema.layerNames`` if there are any.
    layerName : str or None, default None
        A layer by name, or any tensor of the graph; goes before cutOutputLayers.
    resize : {"whole", "crop"}, default "whole"
        "whole": the whole picture at the network's size, aspect not kept, bilinear.
        "crop": the preprocessing that the network was published with: resized with its filter, and
        the centre taken.
    threads : int or None, default None, range 1 to 256
        Cores to use. None: those of the Spark task (spark.task.cpus); outside Spark all there are.
    batchSize : int, default 1, range 1 to 1024
        Pictures of one forward. On a CPU one is as fast as several, takes the memory of one, and
        gives the same bits however rows are cut into batches; with a GPU take more, and expect the
        last bits to depend on the batch.
    providers : list of str, default ["CPUExecutionProvider"]
        ONNX Runtime's execution providers, first choice first, such as
        ``["CUDAExecutionProvider", "CPUExecutionProvider"]``. One that a worker can't run is
        dropped with a warning in its log.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`.

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> from irbis import ModelDownloader
    >>> from irbis.image.codec import encode
    >>> network = ModelDownloader().downloadByName("EfficientNetLite0")
    >>> table = pa.table({"image": [encode(np.zeros((8, 8, 3), np.uint8)), b"no picture"]})
    >>> out = ImageFeaturizer(cutOutputLayers=2).setModel(network).transform(table)
    >>> len(out["features"][0].as_py()["values"]), out["features_error"][1].as_py()["kind"]
    (1280, 'decode')
    """

    outputCol: ParamField[str] = param("column of feature vectors", text, default="features")
    model: ParamField[Any] = param(
        "network, a ModelSchema from ModelDownloader", network, default=UNSET
    )
    cutOutputLayers: ParamField[int] = param(
        "layers cut from the end: 0 probabilities, 1 logits, 2 pooled, 3 map", whole(0), default=2
    )
    layerName: ParamField[str | None] = param(
        "layer by name, instead of cutOutputLayers", optional(text), default=None
    )
    resize: ParamField[str] = param(
        "'whole' picture, or the published 'crop'", one_of("whole", "crop"), default="whole"
    )
    threads: ParamField[int | None] = param(
        "cores to use; None: those of the task", optional(whole(1, 256)), default=None
    )
    batchSize: ParamField[int] = param("pictures of one forward", whole(1, 1024), default=1)
    providers: ParamField[list[str]] = param(
        "ONNX Runtime's execution providers, first choice first", names, default=[CPU]
    )

    def getModel(self) -> ModelSchema:
        """Network that was set."""
        return ModelSchema(**self.value("model"))

    def layer(self) -> str:
        """Name of the layer whose output becomes the vector.

        Raises
        ------
        ParamError
            If the network has no such layer.
        """
        schema = self.getModel()
        name: str | None = self.value("layerName")
        if name is None:
            return schema.layer(self.value("cutOutputLayers"))
        if name not in schema.layerNames and name not in graph_tensors(schema.file):
            raise ParamError(
                f"layerName={name!r}",
                expected=f"one of {', '.join(schema.layerNames)}, or a tensor of the graph",
            )
        return name

    def _crop(self) -> tuple[int, ...] | None:
        if self.value("resize") == "whole":
            return None
        schema = self.getModel()
        if schema.resizeTo is None:
            raise ParamError(
                f"resize='crop' with {schema.name}, whose published preprocessing is not known",
                expected="'whole'",
                do="give ModelSchema.resizeTo and resample, in a NAME.json or by replace()",
            )
        return schema.resizeTo

    def files(self) -> list[FileRef]:
        """The network's file."""
        return [self.getModel().file] if self.isDefined(self.getParam("model")) else []

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A vector, and errors."""
        self.picture_field(schema)
        self.layer()
        self._crop()
        return [pa.field(self.value("outputCol"), VECTOR), *self.error_fields()]

    def make_function(self) -> FeatureFunction:
        """See :class:`irbis.model.features.FeatureFunction`."""
        schema = self.getModel()
        return FeatureFunction(
            source=self.value("inputCol"),
            target=self.value("outputCol"),
            error=self.error_column(),
            file=schema.file,
            layer=schema.tensor(self.layer()),
            height=schema.inputHeight,
            width=schema.inputWidth,
            mean=schema.mean,
            std=schema.std,
            engine=Engine(
                self.value("threads"), tuple(self.value("providers")), self.value("batchSize")
            ),
            crop=self._crop(),
            resample=schema.resample,
            bgr=schema.channelOrder == "BGR",
            channels_last=schema.inputLayout == "NHWC",
            one_by_one=schema.fixedBatch,
        )
