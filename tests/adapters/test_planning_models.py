"""Spark's models in a plan: they fuse behind a stage, and where others need them they do not."""

import re

import pytest
import user_adapter
from pyspark import cloudpickle
from pyspark.ml import feature
from pyspark.ml.classification import DecisionTreeClassifier, LogisticRegression
from pyspark.sql import functions as F
from user_adapter import BucketizerAdapter

import pictures
from irbis import PerceptualHash, Pipeline, PipelineModel, UnrollImage, adapters
from irbis.planning import Foreign, Run, plan

PYTHON_NODES = re.compile(r"\b(ArrowEvalPython|BatchEvalPython|MapInArrow|MapInPandas)\b")


def python_nodes(frame, capsys):
    capsys.readouterr()
    frame.explain()
    return len(PYTHON_NODES.findall(capsys.readouterr().out))


@pytest.fixture(scope="module")
def frame(spark):
    rows = [
        (i, bytearray(pictures.encoded(seed=i)), "abc"[i % 3], float(i), float(i % 2))
        for i in range(12)
    ]
    columns = "id long, image binary, kind string, x double, label double"
    return spark.createDataFrame(rows, columns).repartition(2).cache()


@pytest.fixture(scope="module")
def model(frame):
    """All models that have an adapter, behind one of our stages."""
    return Pipeline(
        stages=[
            UnrollImage(width=2, height=2, outputCol="pixels"),
            feature.StringIndexer(inputCol="kind", outputCol="k"),
            feature.StandardScaler(inputCol="pixels", outputCol="scaled"),
            feature.MinMaxScaler(inputCol="pixels", outputCol="ranged"),
            feature.VectorAssembler(inputCols=["x", "k", "scaled", "ranged"], outputCol="all"),
            feature.Normalizer(inputCol="all", outputCol="normed"),
            feature.PCA(k=2, inputCol="normed", outputCol="features"),
            LogisticRegression(maxIter=2),
            feature.IndexToString(inputCol="prediction", outputCol="said", labels=["no", "yes"]),
            feature.IndexToString(inputCol="k", outputCol="kind_again"),
        ]
    ).fit(frame)


def test_all_models_run_in_one_pass(model, frame, capsys):
    out = model.transform(frame)
    assert python_nodes(out, capsys) == 1
    rows = out.select("id", "kind", "kind_again", "prediction", "said", "features").collect()
    assert len(rows) == 12
    assert all(r["kind_again"] == r["kind"] for r in rows)
    assert all(r["said"] == ["no", "yes"][int(r["prediction"])] for r in rows)
    assert all(len(r["features"]) == 2 for r in rows)


def test_a_run_that_drops_rows_is_one_pass_too(model, frame, capsys):
    dropping = model.stages[1].copy({model.stages[1].handleInvalid: "skip"})
    out = PipelineModel([model.stages[0], dropping]).transform(frame.replace("c", "z", "kind"))
    assert python_nodes(out, capsys) == 1
    assert out.count() == 8


def test_models_alone_stay_in_the_jvm(model, frame, capsys):
    out = PipelineModel([model.stages[1], model.stages[9]]).transform(frame)
    assert python_nodes(out, capsys) == 0
    assert all(r["kind_again"] == r["kind"] for r in out.collect())


def test_labels_come_from_the_indexer_before(model):
    indexer, unlabelled = model.stages[1], model.stages[9]
    assert adapters.find(unlabelled) is None
    (run,) = plan([UnrollImage(), indexer, unlabelled], jvm=True)
    assert sorted(run.stages[-1].labels) == ["a", "b", "c"]
    kept = indexer.copy({indexer.handleInvalid: "keep"})
    (run,) = plan([PipelineModel([UnrollImage(), kept]), unlabelled], jvm=True)
    assert run.stages[-1].labels[-1] == "__unknown"


def test_labels_that_are_not_known_stay_spark_s(model):
    indexer, unlabelled = model.stages[1], model.stages[9]
    # The column is written again, by a stage of ours and by one of Spark's.
    for other in (
        PerceptualHash(outputCol="k"),
        feature.Normalizer(inputCol="v", outputCol="k"),
    ):
        steps = plan([UnrollImage(), indexer, other, unlabelled], jvm=True)
        assert isinstance(steps[-1], Foreign)
        assert steps[-1].transformer is unlabelled
    assert isinstance(plan([UnrollImage(), unlabelled], jvm=True)[-1], Foreign)


@pytest.mark.one_engine("classic")
def test_metadata_stays_for_a_stage_that_may_read_it(model, frame):
    """VectorSlicer picks features by name: the names are in the metadata of the vector."""
    assembler = feature.VectorAssembler(inputCols=["x", "label"], outputCol="v")
    slicer = feature.VectorSlicer(inputCol="v", outputCol="sliced", names=["label"])
    stages = [UnrollImage(width=1, height=1), assembler, slicer]
    assert [type(s) for s in plan(stages, jvm=True)] == [Run, Foreign, Foreign]
    rows = PipelineModel(stages).transform(frame).collect()
    assert all(r["sliced"].toArray().tolist() == [r["label"]] for r in rows)


@pytest.mark.one_engine("classic")
def test_a_tree_still_knows_its_categories(frame):
    # The middle category against the others: one split on a set, which no threshold can do.
    tree = DecisionTreeClassifier(featuresCol="v", labelCol="middle", maxDepth=1)
    fitted = Pipeline(
        stages=[
            feature.StringIndexer(inputCol="kind", outputCol="k"),
            UnrollImage(width=1, height=1, outputCol="pixels"),
            feature.VectorAssembler(inputCols=["k"], outputCol="v"),
            tree,
        ]
    ).fit(frame.withColumn("middle", (F.col("kind") == "b").cast("double")))
    assert "in {0.0,2.0}" in fitted.stages[-1].toDebugString


@pytest.mark.one_engine("classic")
def test_assembling_in_fit_fuses_where_no_category_is_lost(frame):
    pixels = UnrollImage(width=1, height=1, outputCol="pixels")
    assembler = feature.VectorAssembler(inputCols=["x", "pixels"], outputCol="v")
    assert [type(s) for s in plan([pixels, assembler], jvm=True, nominal=[])] == [Run]
    assert [type(s) for s in plan([pixels, assembler], jvm=True, nominal=["x"])] == [Run, Foreign]
    # So a picture that can't be read does not fail the fit, here as elsewhere.
    broken = frame.union(
        frame.limit(1).selectExpr("99L", "cast('x' as binary)", "kind", "x", "label")
    )
    learner = LogisticRegression(featuresCol="v", maxIter=1)
    fitted = Pipeline(stages=[pixels, assembler, learner]).fit(broken)
    rows = {r["id"]: r["prediction"] for r in fitted.transform(broken).collect()}
    assert rows.pop(99) is None
    assert None not in rows.values()


@pytest.fixture
def registered():
    name = "pyspark.ml.feature.Bucketizer"
    # Its module is on this path alone; a user's is installed on the workers.
    cloudpickle.register_pickle_by_value(user_adapter)
    adapters.register(name, BucketizerAdapter.of)
    yield
    adapters._factories.pop(name)
    cloudpickle.unregister_pickle_by_value(user_adapter)


def test_a_user_s_adapter_fuses(registered, frame, capsys):
    assert "Bucketizer" in adapters.names()
    buckets = feature.Bucketizer(splits=[0.0, 3.0, 6.0, 20.0], inputCol="x", outputCol="bucket")
    stages = [UnrollImage(width=1, height=1), buckets]
    out = PipelineModel(stages).transform(frame)
    assert python_nodes(out, capsys) == 1
    (run,) = plan(stages, jvm=True)
    assert type(run.stages[1]) is BucketizerAdapter
    expected = {r["id"]: r["bucket"] for r in buckets.transform(frame).collect()}
    assert {r["id"]: r["bucket"] for r in out.collect()} == expected
    # A factory may decline.
    declined = buckets.copy({buckets.handleInvalid: "keep"})
    assert isinstance(plan([*stages[:1], declined], jvm=True)[1], Foreign)
