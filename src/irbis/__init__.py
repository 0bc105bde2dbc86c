"""irbis turns a word into an object detector, on Apache Spark, in Python.

Public names are loaded at first use: ``import irbis`` loads neither Spark ML nor a model runtime.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from irbis import fluent as _fluent

__version__ = "0.1.0"

_NAMES = {
    "BoxesFromWeights": "irbis.detect.boxes",
    "CustomInputParser": "irbis.http.input_parsers",
    "CustomOutputParser": "irbis.http.output_parsers",
    "Detector": "irbis.detect.detector",
    "DynamicMiniBatchTransformer": "irbis.http.batching",
    "EnsembleByKey": "irbis.model.ensemble",
    "FasterRCNN": "irbis.detect.faster_rcnn",
    "FixedMiniBatchTransformer": "irbis.http.batching",
    "FlattenBatch": "irbis.http.flatten",
    "HTTPRequest": "irbis.http.request",
    "HTTPResponse": "irbis.http.response",
    "HTTPTransformer": "irbis.http.transformer",
    "ImageFeaturizer": "irbis.model.featurizer",
    "ImageLIME": "irbis.explain.lime",
    "ImageSetAugmenter": "irbis.image.augmenter",
    "ImageTransformer": "irbis.image.transformer",
    "IrbisError": "irbis.errors",
    "JSONInputParser": "irbis.http.input_parsers",
    "JSONOutputParser": "irbis.http.output_parsers",
    "ModelDownloader": "irbis.model.hub",
    "ModelSchema": "irbis.model.hub",
    "OnnxModel": "irbis.model.onnx_model",
    "ParamField": "irbis.params",
    "PartitionConsolidator": "irbis.http.consolidator",
    "PerceptualHash": "irbis.image.perceptual_hash",
    "Pipeline": "irbis.pipeline",
    "PipelineModel": "irbis.pipeline",
    "SimpleHTTPTransformer": "irbis.http.simple",
    "Stage": "irbis.stage",
    "StreamStage": "irbis.stage",
    "StringOutputParser": "irbis.http.output_parsers",
    "SuperpixelTransformer": "irbis.image.superpixel_transformer",
    "TimeIntervalMiniBatchTransformer": "irbis.http.batching",
    "UnrollImage": "irbis.image.unroller",
    "discover": "irbis.detect.discover",
    "http_udf": "irbis.http.udf",
    "load": "irbis.loading",
    "param": "irbis.params",
    "session": "irbis.spark",
}

__all__ = ["__version__", *sorted(_NAMES)]


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"module 'irbis' has no attribute {name!r}")
    value = getattr(import_module(_NAMES[name]), name)
    globals()[name] = value
    return value


_fluent.install()  # spark.readStream.server() and its kin


def __dir__() -> list[str]:
    return sorted(__all__)


if TYPE_CHECKING:
    from irbis.detect.boxes import BoxesFromWeights as BoxesFromWeights
    from irbis.detect.detector import Detector as Detector
    from irbis.detect.discover import discover as discover
    from irbis.detect.faster_rcnn import FasterRCNN as FasterRCNN
    from irbis.errors import IrbisError as IrbisError
    from irbis.explain.lime import ImageLIME as ImageLIME
    from irbis.http.batching import DynamicMiniBatchTransformer as DynamicMiniBatchTransformer
    from irbis.http.batching import FixedMiniBatchTransformer as FixedMiniBatchTransformer
    from irbis.http.batching import (
        TimeIntervalMiniBatchTransformer as TimeIntervalMiniBatchTransformer,
    )
    from irbis.http.consolidator import PartitionConsolidator as PartitionConsolidator
    from irbis.http.flatten import FlattenBatch as FlattenBatch
    from irbis.http.input_parsers import CustomInputParser as CustomInputParser
    from irbis.http.input_parsers import JSONInputParser as JSONInputParser
    from irbis.http.output_parsers import CustomOutputParser as CustomOutputParser
    from irbis.http.output_parsers import JSONOutputParser as JSONOutputParser
    from irbis.http.output_parsers import StringOutputParser as StringOutputParser
    from irbis.http.request import HTTPRequest as HTTPRequest
    from irbis.http.response import HTTPResponse as HTTPResponse
    from irbis.http.simple import SimpleHTTPTransformer as SimpleHTTPTransformer
    from irbis.http.transformer import HTTPTransformer as HTTPTransformer
    from irbis.http.udf import http_udf as http_udf
    from irbis.image.augmenter import ImageSetAugmenter as ImageSetAugmenter
    from irbis.image.perceptual_hash import PerceptualHash as PerceptualHash
    from irbis.image.superpixel_transformer import SuperpixelTransformer as SuperpixelTransformer
    from irbis.image.transformer import ImageTransformer as ImageTransformer
    from irbis.image.unroller import UnrollImage as UnrollImage
    from irbis.loading import load as load
    from irbis.model.ensemble import EnsembleByKey as EnsembleByKey
    from irbis.model.featurizer import ImageFeaturizer as ImageFeaturizer
    from irbis.model.hub import ModelDownloader as ModelDownloader
    from irbis.model.hub import ModelSchema as ModelSchema
    from irbis.model.onnx_model import OnnxModel as OnnxModel
    from irbis.params import ParamField as ParamField
    from irbis.params import param as param
    from irbis.pipeline import Pipeline as Pipeline
    from irbis.pipeline import PipelineModel as PipelineModel
    from irbis.spark import session as session
    from irbis.stage import Stage as Stage
    from irbis.stage import StreamStage as StreamStage
