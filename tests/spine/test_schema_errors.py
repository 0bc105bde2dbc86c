"""What the user did wrong with columns is said on the driver, before a job starts."""

import pyarrow as pa
import pytest

from irbis import (
    BoxesFromWeights,
    EnsembleByKey,
    ImageFeaturizer,
    ImageLIME,
    ImageSetAugmenter,
    Pipeline,
    UnrollImage,
)
from irbis.errors import ParamError, SchemaError

TEXT = pa.table({"image": ["not bytes"], "x": ["a"]})
BYTES = pa.table({"image": [b"x"], "x": ["a"], "n": [1]})


@pytest.mark.parametrize(
    ("stage", "table", "says"),
    [
        (UnrollImage(), TEXT, "image: string; expected encoded pictures"),
        (UnrollImage(inputCol="picture"), BYTES, "no column named 'picture' among"),
        (UnrollImage(outputCol="image"), BYTES, "another name than inputCol"),
        (EnsembleByKey(keys=["k"], cols=["x"]), BYTES, "no column named 'k'"),
        (EnsembleByKey(keys=["image"], cols=["x"]), BYTES, "x: string; expected a number"),
        (EnsembleByKey(keys=["x"], cols=["n"], colNames=["a", "b"]), BYTES, "2 colNames"),
        (BoxesFromWeights(inputCol="x"), BYTES, "what ImageLIME returns"),
    ],
)
def test_early(stage, table, says):
    with pytest.raises((SchemaError, ParamError), match=says):
        stage.transform(table)


def test_early_in_spark_too(spark):
    frame = spark.createDataFrame([("a",)], "image string")
    with pytest.raises(SchemaError, match="encoded pictures"):
        UnrollImage().transform(frame)
    with pytest.raises(SchemaError, match="no column named 'image'"):
        UnrollImage().transform(spark.range(1))


def test_layers_and_models_that_do_not_fit(network):
    with pytest.raises(ParamError, match="cutOutputLayers=9.*one of its layers: .*pooled"):
        ImageFeaturizer(cutOutputLayers=9).setModel(network).transform(BYTES)
    with pytest.raises(ParamError, match="layerName='conv1'"):
        ImageFeaturizer(layerName="conv1").setModel(network).transform(BYTES)
    featurizer = ImageFeaturizer(cutOutputLayers=0, outputCol="probability").setModel(network)
    augmented = Pipeline(stages=[ImageSetAugmenter(), featurizer]).fit(None)
    with pytest.raises(ParamError, match="leave augmentation and ensembling out"):
        ImageLIME(model=augmented).transform(BYTES)
    with pytest.raises(SchemaError, match="no column named 'score'"):
        ImageLIME(model=featurizer, targetCol="score").transform(BYTES)


def test_ambiguous_column():
    twice = pa.Table.from_arrays([pa.array([b"x"])] * 2, names=["image", "image"])
    with pytest.raises(SchemaError, match="2 columns named 'image'"):
        UnrollImage().transform(twice)
