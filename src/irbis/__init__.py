"""irbis turns a word into an object detector, on Apache Spark, in Python.

Public names are loaded at first use: ``import irbis`` loads neither Spark ML nor a model runtime.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from irbis import fluent as _fluent

__version__ = "0.1.0"

_NAMES = {
    "AnalyzeImage": "irbis.services.vision",
    "BingImageSearch": "irbis.services.search.bing",
    "BoxesFromWeights": "irbis.detect.boxes",
    "CamLocalizer": "irbis.detect.cam_localizer",
    "CoLocalizer": "irbis.detect.co_localizer",
    "CoLocalizerModel": "irbis.detect.co_localizer_model",
    "CustomInputParser": "irbis.http.input_parsers",
    "CustomOutputParser": "irbis.http.output_parsers",
    "Dashboard": "irbis.monitor.dashboard",
    "DescribeImage": "irbis.services.vision",
    "DetectFace": "irbis.services.face",
    "DetectObjects": "irbis.services.vision",
    "Detector": "irbis.detect.detector",
    "DropColumns": "irbis.selection",
    "DropNearDuplicates": "irbis.image.near_duplicates",
    "DynamicMiniBatchTransformer": "irbis.http.batching",
    "EnsembleByKey": "irbis.model.ensemble",
    "EntityLinking": "irbis.services.entities",
    "FasterRCNN": "irbis.detect.faster_rcnn",
    "FindSimilarFace": "irbis.services.face_recognition",
    "FixedMiniBatchTransformer": "irbis.http.batching",
    "FlattenBatch": "irbis.http.flatten",
    "GenerateThumbnails": "irbis.services.vision_special",
    "GetBingURLs": "irbis.services.search.urls",
    "GroupFaces": "irbis.services.face_recognition",
    "GroupSequences": "irbis.model.sequences",
    "HTTPRequest": "irbis.http.request",
    "HTTPResponse": "irbis.http.response",
    "HTTPTransformer": "irbis.http.transformer",
    "HeatFusion": "irbis.detect.heat_fusion",
    "HotSpotter": "irbis.identify.hotspotter",
    "HotSpotterModel": "irbis.identify.hotspotter_model",
    "IdentifyFaces": "irbis.services.face_recognition",
    "ImageDownloader": "irbis.services.search.downloader",
    "ImageFeaturizer": "irbis.model.featurizer",
    "ImageLIME": "irbis.explain.lime",
    "ImageSHAP": "irbis.explain.shap",
    "ImageSearch": "irbis.services.search.image_search",
    "ImageSetAugmenter": "irbis.image.augmenter",
    "ImageTransformer": "irbis.image.transformer",
    "IrbisError": "irbis.errors",
    "JSONInputParser": "irbis.http.input_parsers",
    "JSONOutputParser": "irbis.http.output_parsers",
    "KeyPhraseExtractor": "irbis.services.language",
    "LanguageDetector": "irbis.services.language",
    "LimeLocalizer": "irbis.detect.lime_localizer",
    "ModelDownloader": "irbis.model.hub",
    "ModelSchema": "irbis.model.hub",
    "NER": "irbis.services.entities",
    "OCR": "irbis.services.vision_special",
    "OnnxModel": "irbis.model.onnx_model",
    "PII": "irbis.services.entities",
    "ParamField": "irbis.params",
    "PartitionConsolidator": "irbis.http.consolidator",
    "PerceptualHash": "irbis.image.perceptual_hash",
    "Pipeline": "irbis.pipeline",
    "PipelineModel": "irbis.pipeline",
    "PowerBIWriter": "irbis.monitor.powerbi",
    "ReadExif": "irbis.image.read_exif",
    "ReadFiles": "irbis.read_files",
    "ReadImage": "irbis.services.vision_special",
    "RecognizeDomainSpecificContent": "irbis.services.vision_special",
    "SelectColumns": "irbis.selection",
    "SimpleHTTPTransformer": "irbis.http.simple",
    "Stage": "irbis.stage",
    "StreamStage": "irbis.stage",
    "StringOutputParser": "irbis.http.output_parsers",
    "SuperpixelTransformer": "irbis.image.superpixel_transformer",
    "TagImage": "irbis.services.vision",
    "TabularLIME": "irbis.explain.table_lime",
    "TabularLIMEModel": "irbis.explain.table_lime",
    "TabularSHAP": "irbis.explain.table_shap",
    "TabularSHAPModel": "irbis.explain.table_shap",
    "TextLIME": "irbis.explain.text_lime",
    "TextSHAP": "irbis.explain.text_shap",
    "TextSentiment": "irbis.services.language",
    "TimeIntervalMiniBatchTransformer": "irbis.http.batching",
    "UnrollImage": "irbis.image.unroller",
    "VerifyFaces": "irbis.services.face_recognition",
    "discover": "irbis.detect.discover",
    "http_udf": "irbis.http.udf",
    "load": "irbis.loading",
    "param": "irbis.params",
    "register": "irbis.sql.register",
    "session": "irbis.spark",
}

__all__ = ["__version__", *sorted(_NAMES)]


if not TYPE_CHECKING:  # a checker would take any name for one of ours

    def __getattr__(name: str) -> Any:
        if name == "mlflow":  # irbis.mlflow.log_model, as MLflow's own flavors are called
            return import_module("irbis.mlflow")
        if name not in _NAMES:
            raise AttributeError(f"module 'irbis' has no attribute {name!r}")
        value = getattr(import_module(_NAMES[name]), name)
        globals()[name] = value
        return value


_fluent.install()  # spark.readStream.server() and its kin


def __dir__() -> list[str]:
    return sorted(__all__)


if TYPE_CHECKING:
    from irbis import mlflow as mlflow
    from irbis.detect.boxes import BoxesFromWeights as BoxesFromWeights
    from irbis.detect.cam_localizer import CamLocalizer as CamLocalizer
    from irbis.detect.co_localizer import CoLocalizer as CoLocalizer
    from irbis.detect.co_localizer_model import CoLocalizerModel as CoLocalizerModel
    from irbis.detect.detector import Detector as Detector
    from irbis.detect.discover import discover as discover
    from irbis.detect.faster_rcnn import FasterRCNN as FasterRCNN
    from irbis.detect.heat_fusion import HeatFusion as HeatFusion
    from irbis.detect.lime_localizer import LimeLocalizer as LimeLocalizer
    from irbis.errors import IrbisError as IrbisError
    from irbis.explain.lime import ImageLIME as ImageLIME
    from irbis.explain.shap import ImageSHAP as ImageSHAP
    from irbis.explain.table_lime import TabularLIME as TabularLIME
    from irbis.explain.table_lime import TabularLIMEModel as TabularLIMEModel
    from irbis.explain.table_shap import TabularSHAP as TabularSHAP
    from irbis.explain.table_shap import TabularSHAPModel as TabularSHAPModel
    from irbis.explain.text_lime import TextLIME as TextLIME
    from irbis.explain.text_shap import TextSHAP as TextSHAP
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
    from irbis.identify.hotspotter import HotSpotter as HotSpotter
    from irbis.identify.hotspotter_model import HotSpotterModel as HotSpotterModel
    from irbis.image.augmenter import ImageSetAugmenter as ImageSetAugmenter
    from irbis.image.near_duplicates import DropNearDuplicates as DropNearDuplicates
    from irbis.image.perceptual_hash import PerceptualHash as PerceptualHash
    from irbis.image.read_exif import ReadExif as ReadExif
    from irbis.image.superpixel_transformer import SuperpixelTransformer as SuperpixelTransformer
    from irbis.image.transformer import ImageTransformer as ImageTransformer
    from irbis.image.unroller import UnrollImage as UnrollImage
    from irbis.loading import load as load
    from irbis.model.ensemble import EnsembleByKey as EnsembleByKey
    from irbis.model.featurizer import ImageFeaturizer as ImageFeaturizer
    from irbis.model.hub import ModelDownloader as ModelDownloader
    from irbis.model.hub import ModelSchema as ModelSchema
    from irbis.model.onnx_model import OnnxModel as OnnxModel
    from irbis.model.sequences import GroupSequences as GroupSequences
    from irbis.monitor.dashboard import Dashboard as Dashboard
    from irbis.monitor.powerbi import PowerBIWriter as PowerBIWriter
    from irbis.params import ParamField as ParamField
    from irbis.params import param as param
    from irbis.pipeline import Pipeline as Pipeline
    from irbis.pipeline import PipelineModel as PipelineModel
    from irbis.read_files import ReadFiles as ReadFiles
    from irbis.selection import DropColumns as DropColumns
    from irbis.selection import SelectColumns as SelectColumns
    from irbis.services.entities import NER as NER
    from irbis.services.entities import PII as PII
    from irbis.services.entities import EntityLinking as EntityLinking
    from irbis.services.face import DetectFace as DetectFace
    from irbis.services.face_recognition import FindSimilarFace as FindSimilarFace
    from irbis.services.face_recognition import GroupFaces as GroupFaces
    from irbis.services.face_recognition import IdentifyFaces as IdentifyFaces
    from irbis.services.face_recognition import VerifyFaces as VerifyFaces
    from irbis.services.language import KeyPhraseExtractor as KeyPhraseExtractor
    from irbis.services.language import LanguageDetector as LanguageDetector
    from irbis.services.language import TextSentiment as TextSentiment
    from irbis.services.search.bing import BingImageSearch as BingImageSearch
    from irbis.services.search.downloader import ImageDownloader as ImageDownloader
    from irbis.services.search.image_search import ImageSearch as ImageSearch
    from irbis.services.search.urls import GetBingURLs as GetBingURLs
    from irbis.services.vision import AnalyzeImage as AnalyzeImage
    from irbis.services.vision import DescribeImage as DescribeImage
    from irbis.services.vision import DetectObjects as DetectObjects
    from irbis.services.vision import TagImage as TagImage
    from irbis.services.vision_special import OCR as OCR
    from irbis.services.vision_special import GenerateThumbnails as GenerateThumbnails
    from irbis.services.vision_special import ReadImage as ReadImage
    from irbis.services.vision_special import (
        RecognizeDomainSpecificContent as RecognizeDomainSpecificContent,
    )
    from irbis.spark import session as session
    from irbis.sql.register import register as register
    from irbis.stage import Stage as Stage
    from irbis.stage import StreamStage as StreamStage
