"""A model that only Spark can run: explained on a frame, with few perturbed pictures at a time."""

import numpy as np
import pyarrow as pa
import pytest
from pyspark.ml import Transformer
from pyspark.ml.linalg import Vectors, VectorUDT
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

import pictures
from irbis import ImageFeaturizer, ImageLIME, ImageSHAP, Pipeline, PipelineModel, UnrollImage
from irbis.errors import ParamError, SchemaError
from irbis.explain.explanation import Explanation
from irbis.image.codec import encode, to_images

PARAMS = {
    "targetClasses": [0], "targetCol": "bright", "metric": "probability", "numSamples": 32,
    "numSegments": 6, "segmentation": "watershed", "fill": "black",
}  # fmt: skip


class Bright(Transformer):
    """A user's own: mean of the upper half of an image struct, by Spark's own functions."""

    def _transform(self, dataset):
        bytes_ = F.expr("substring(image.data, 1, div(image.height, 2) * image.width * 3)")

        @F.udf("double")
        def mean(data):
            return sum(data) / len(data) / 255 if data else None

        return dataset.withColumn("bright", mean(bytes_))


def upper_half(seen):
    return seen[:, : seen.shape[1] // 2].mean(axis=(1, 2, 3)) / 255


def explained(row):
    return Explanation.from_row(row["explanation"])


@pytest.fixture
def structs(spark):
    arrays = [pictures.array(40, 60), None, pictures.array(30, 30, 1), pictures.array(2, 1, 2)]
    table = pa.table(
        {
            "image": to_images(arrays, [None] * 4),
            "a.b": pa.array([1, 2, 3, 4], pa.int64()),
            "list": pa.array([[1.0], None, [], [2.0, 3.0]]),
        }
    )
    return table, spark.createDataFrame(table).repartition(2)


@pytest.mark.parametrize(
    "stage", [ImageLIME, pytest.param(ImageSHAP, marks=pytest.mark.one_engine("classic"))]
)
def test_as_the_same_function_inside(stage, structs):
    """Row for row what the stage makes of a Python function that says the same."""
    table, frame = structs
    found = stage(model=Bright(), **PARAMS).transform(frame)
    assert found.columns == [*table.column_names, "explanation", "explanation_error"]
    rows = sorted(found.collect(), key=lambda row: row["a.b"])
    inside = stage(model=upper_half, **PARAMS).transform(table).to_pylist()
    assert [row["list"] for row in rows] == [row["list"] for row in inside]
    assert [row["image"] and bytes(row["image"]["data"]) for row in rows] == [
        row["image"] and row["image"]["data"] for row in inside
    ]
    for row, other in zip(rows, inside, strict=True):
        if other["explanation"] is None:
            assert row["explanation"] is None
            assert row["explanation_error"].asDict() == other["explanation_error"]
            continue
        one, same = explained(row), explained(other)
        assert np.array_equal(one.segments, same.segments)
        assert (one.height, one.width, one.forwards) == (same.height, same.width, same.forwards)
        assert np.allclose(one.weights, same.weights, atol=1e-9)
        assert np.allclose(one.scores, same.scores)
        assert np.allclose(one.r2, same.r2)


def test_no_perturbed_picture_is_exchanged(structs, capsys):
    found = ImageLIME(model=Bright(), **PARAMS).transform(structs[1])
    found.explain("formatted")
    plan = capsys.readouterr().out
    at = plan.index("Arguments: hashpartitioning(irbis_number")
    exchanged = plan[:at].rpartition("Input")[2]
    assert {name for name in ("number", "sample", "held", "answers") if f"irbis_{name}" in exchanged} == {
        "number", "sample", "held", "answers"
    }  # fmt: skip
    assert "image" not in exchanged


def test_a_forest_of_spark_on_encoded_pictures(spark, engine, tmp_path):
    """RandomForestClassificationModel has no adapter; its features come from a stage of ours."""
    from pyspark.ml.classification import RandomForestClassifier

    dark, light = (encode(np.full((20, 30, 3), v, np.uint8)) for v in (10, 240))
    table = pa.table({"image": [dark, light] * 4, "label": [0.0, 1.0] * 4})
    model = Pipeline(
        stages=[
            UnrollImage(width=1, height=1, nChannels=1),
            RandomForestClassifier(featuresCol="unrolled", numTrees=3, maxDepth=2, seed=1),
        ]
    ).fit(spark.createDataFrame(table))
    picture = np.zeros((20, 30, 3), np.uint8)
    picture[:, 8:] = 255  # light, until much of it is hidden
    files = [encode(picture, form="PNG"), None, b"no picture"]
    frame = spark.createDataFrame(
        [(file, Vectors.dense([n, 1]), n) for n, file in enumerate(files)],
        StructType().add("image", "binary").add("v.x", VectorUDT()).add("n", "integer"),
    )
    stage = ImageLIME(
        model=model, targetClasses=[0, 1], metric="probability", numSegments=8, numSamples=16,
        fill="black", surrogate="lasso", regularization=0.01,
    )  # fmt: skip
    # In a pipeline, in front of it and behind it what fuses: a step of its own.
    whole = PipelineModel([stage, UnrollImage(width=1, height=1, outputCol="after")])
    rows = sorted(whole.transform(frame).collect(), key=lambda row: row["n"])
    found = explained(rows[0])
    assert found.weights.shape[0] == 2
    assert np.allclose(found.weights[0], -found.weights[1], atol=1e-6)
    gains = found.weights[1][found.segments]
    assert gains[:, 10:].mean() > max(0.01, gains[:, :6].mean())  # what is light speaks for "light"
    assert [row["explanation_error"] and row["explanation_error"]["kind"] for row in rows] == [
        None, "null", "decode",
    ]  # fmt: skip
    assert rows[0]["after"] is not None
    assert [row["v.x"] for row in rows] == [Vectors.dense([n, 1]) for n in range(3)]
    with pytest.raises(ParamError, match="Spark DataFrame"):
        stage.transform(pa.table({"image": files}))
    if engine == "classic":  # Spark writes a forest in many small jobs: some 10 s
        stage.save(str(tmp_path / "lime"))
        again = ImageLIME.load(str(tmp_path / "lime")).transform(frame.where("n = 0")).collect()[0]
        assert again["explanation"] == rows[0]["explanation"]


def test_the_decks_whole_pipeline(spark, network, engine):
    """Featurizer and Spark ML's LogisticRegression, fitted: on a frame and on a table."""
    if engine == "connect":
        pytest.skip("the same function by the same way as ImageLIME's contract, which runs there")
    from pyspark.ml.classification import LogisticRegression

    table = pa.table({"image": pictures.GOOD[:4], "label": [0.0, 1.0, 0.0, 1.0]})
    frame = spark.createDataFrame(
        [(r["image"], r["label"]) for r in table.to_pylist()], "image binary, label double"
    )
    featurizer = ImageFeaturizer(cutOutputLayers=2, outputCol="features").setModel(network)
    model = Pipeline(stages=[featurizer, LogisticRegression(maxIter=3)]).fit(frame)
    lime = ImageLIME(model=model, targetClasses=[1], numSamples=16, numSegments=5)
    assert not lime.takes_frame
    row = lime.transform(frame.limit(1)).collect()[0]
    same = lime.transform(table.slice(0, 1)).to_pylist()[0]
    one, other = explained(row), explained(same)
    assert np.array_equal(one.weights, other.weights)
    said = model.transform(frame.limit(1)).collect()[0]["probability"][1]
    assert np.isclose(one.scores[0], said, atol=1e-5)


def test_what_it_says_before_a_job(structs, spark):
    _, frame = structs
    with pytest.raises(SchemaError, match="writes nothing"):
        ImageLIME(model=Bright(), **{**PARAMS, "targetCol": "nothing"}).transform(frame)
    with pytest.raises(SchemaError, match="vector, list or number"):
        ImageLIME(model=Bright(), **{**PARAMS, "targetCol": "image"}).transform(frame)
    with pytest.raises(ParamError, match="adaptive"):
        ImageLIME(model=Bright(), **PARAMS, sampler="adaptive").transform(frame)
    stream = spark.readStream.format("rate").load().select(
        F.lit(b"").cast("binary").alias("image")
    )  # fmt: skip
    with pytest.raises(ParamError, match="foreachBatch"):
        ImageLIME(model=Bright(), **PARAMS).transform(stream)
