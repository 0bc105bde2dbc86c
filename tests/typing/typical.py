"""What users write, as a type checker reads it: tests/law/test_typing.py runs mypy --strict on it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

import irbis
from irbis import (
    Detector,
    EnsembleByKey,
    FasterRCNN,
    HTTPTransformer,
    ImageFeaturizer,
    ImageLIME,
    ModelDownloader,
    ParamField,
    Pipeline,
    PipelineModel,
    Stage,
    UnrollImage,
    param,
)
from irbis.converters import text
from irbis.errors import IrbisError
from irbis.schema import BatchFunction, field_of


class Shout(Stage):
    inputCol: ParamField[str] = param("text to shout", text, default="text")
    outputCol: ParamField[str] = param("shouted text", text, default="loud")

    def input_columns(self) -> list[str]:
        return [self.value("inputCol")]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        field_of(schema, self.value("inputCol"), reader="Shout")
        return [pa.field(self.value("outputCol"), pa.string())]

    def make_function(self) -> BatchFunction:
        return lambda batch: batch


def featurize(folder: Path) -> pd.DataFrame:
    network = ModelDownloader().downloadByName("EfficientNetLite0")
    stage = ImageFeaturizer(inputCol="image", cutOutputLayers=2, threads=None).setModel(network)
    table = pa.table({"image": [p.read_bytes() for p in folder.iterdir()]})
    result: pd.DataFrame = stage.transform(table).to_pandas()
    return result


def train(frame: object) -> PipelineModel:
    pipeline = Pipeline(stages=[UnrollImage(width=8, height=8), Shout(outputCol="loud")])
    model: PipelineModel = pipeline.fit(frame)
    model.save("/tmp/model")
    return model


def settings() -> tuple[int, str]:
    stage = UnrollImage(width=3).setHeight(4).setInputCol("picture")
    width: int = stage.value("width")
    name: str = stage.getOutputCol()
    return width, name


def in_sql() -> dict[str, str]:
    spark = irbis.session("local[2]", spark__driver__memory="2g")
    return irbis.register(spark, pixels=UnrollImage(width=8), schema="image binary")


def without_spark(path: Path) -> list[str]:
    try:
        return irbis.load(path).input_columns()
    except IrbisError as error:
        return [str(error)]


def in_mlflow(model: PipelineModel) -> list[str]:
    info = irbis.mlflow.log_model(model, name="pets", signature=None)
    return irbis.mlflow.load_model(info.model_uri).input_columns()


def others() -> list[Stage]:
    EnsembleByKey(keys=["a"], cols=["b"], colNames=None)
    FasterRCNN(iterations=10)
    ImageLIME(nSamples=64)
    return [Detector(), HTTPTransformer(concurrency=8)]
