"""irbis pipelines keep their type and their fusion through everything Spark ML does to them."""

import re

import numpy as np
import pyarrow as pa
import pytest
from pyspark import ml
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.tuning import CrossValidator, CrossValidatorModel, ParamGridBuilder
from pyspark.sql import functions as F

from irbis import EnsembleByKey, ImageSetAugmenter, Pipeline, PipelineModel, UnrollImage
from irbis.errors import ParamError
from irbis.image.codec import encode

PYTHON_NODES = re.compile(r"\b(ArrowEvalPython|BatchEvalPython|MapInArrow|MapInPandas)\b")


def python_nodes(frame, capsys):
    capsys.readouterr()
    frame.explain()
    return len(PYTHON_NODES.findall(capsys.readouterr().out))


@pytest.fixture(scope="module")
def frame(spark):
    rng = np.random.default_rng(0)
    rows = []
    for i in range(24):
        light = 200 if i % 2 else 40
        picture = (rng.integers(0, 50, (12, 12, 3)) + light).astype(np.uint8)
        rows.append((i, bytearray(encode(picture)), float(i % 2)))
    rows += [(24, bytearray(b"broken"), 1.0), (25, None, 0.0)]
    return spark.createDataFrame(rows, "id long, image binary, label double").repartition(2).cache()


def pipeline():
    return Pipeline(
        stages=[
            UnrollImage(width=4, height=4, outputCol="features"),
            LogisticRegression(maxIter=5, regParam=0.1),
        ]
    )


@pytest.fixture(scope="module")
def model(frame):
    return pipeline().fit(frame)


def fused(model, frame, capsys):
    assert type(model) is PipelineModel
    assert python_nodes(model.transform(frame), capsys) == 1


def answers(frame):
    rows = frame.select("id", "prediction", "probability").orderBy("id").collect()
    return [(r["id"], r["prediction"], r["probability"]) for r in rows]


def test_fit(model, frame, capsys):
    fused(model, frame, capsys)
    rows = answers(model.transform(frame))
    right = sum(p == i % 2 for i, p, _ in rows if i < 24)
    assert right >= 22
    # A broken picture has no features, so no answer; it is neither lost nor fatal.
    assert [(i, p) for i, p, _ in rows if i >= 24] == [(24, None), (25, None)]


def test_load(model, frame, capsys, tmp_path):
    model.save(str(tmp_path / "m"))
    loaded = PipelineModel.load(str(tmp_path / "m"))
    fused(loaded, frame, capsys)
    assert loaded.uid == model.uid
    assert answers(loaded.transform(frame)) == answers(model.transform(frame))


def test_saving_over_something_needs_to_be_asked_for(model, tmp_path):
    path = str(tmp_path / "m")
    model.save(path)
    with pytest.raises(Exception, match="(?i)exist"):
        model.save(path)
    model.write().overwrite().save(path)


def test_an_unfitted_pipeline_is_saved_too(tmp_path, spark):
    pipeline().save(str(tmp_path / "p"))
    loaded = Pipeline.load(str(tmp_path / "p"))
    assert type(loaded) is Pipeline
    assert [type(s) for s in loaded.getStages()] == [UnrollImage, LogisticRegression]


def test_copy(model, frame, capsys):
    fused(model.copy(), frame, capsys)


def test_transform_with_params(model, frame, capsys):
    lr = model.stages[1]
    result = model.transform(frame, {lr.getParam("probabilityCol"): "p"})
    assert "p" in result.columns
    assert "probability" not in result.columns
    assert python_nodes(result, capsys) == 1


def test_nesting(model, frame, capsys):
    outer = PipelineModel([PipelineModel([model.stages[0]]), ml.PipelineModel([model.stages[1]])])
    fused(outer, frame, capsys)
    assert answers(outer.transform(frame)) == answers(model.transform(frame))


@pytest.mark.one_engine("connect")  # where folds and models are kept by the server
def test_cross_validator(frame, capsys, tmp_path):
    good = frame.where(F.col("id") < 24)
    estimator = pipeline()
    grid = ParamGridBuilder().addGrid(estimator.getStages()[1].regParam, [0.1]).build()
    tuned = CrossValidator(
        estimator=estimator,
        estimatorParamMaps=grid,
        evaluator=BinaryClassificationEvaluator(),
        numFolds=2,
    ).fit(good)
    fused(tuned.bestModel, good, capsys)
    assert python_nodes(PipelineModel([tuned]).transform(good), capsys) == 1
    tuned.write().save(str(tmp_path / "cv"))
    loaded = CrossValidatorModel.load(str(tmp_path / "cv"))
    fused(loaded.bestModel, good, capsys)


def test_a_pipeline_of_spark_stages_alone_keeps_its_class(frame, tmp_path):
    features = UnrollImage(width=2, height=2, outputCol="features").transform(
        frame.where(F.col("id") < 24)
    )
    fitted = Pipeline(stages=[LogisticRegression(maxIter=2)]).fit(features)
    fitted.save(str(tmp_path / "jvm"))
    assert type(PipelineModel.load(str(tmp_path / "jvm"))) is PipelineModel


def test_spark_models_alone_stay_in_the_jvm(model, frame, capsys):
    features = model.stages[0].transform(frame.where(F.col("id") < 24))
    assert python_nodes(PipelineModel([model.stages[1]]).transform(features), capsys) == 1


def test_unfused_gives_the_same(model, frame):
    good = frame.where(F.col("id") < 24)
    plain = ml.PipelineModel(model.stages).transform(good)
    for (i, p, v), (j, q, w) in zip(answers(model.transform(good)), answers(plain)):
        assert (i, p) == (j, q)
        assert np.allclose(v.toArray(), w.toArray(), atol=1e-9)


def test_local_table_and_pandas(model, frame):
    table = pa.table(
        {
            "id": [r["id"] for r in frame.orderBy("id").collect()],
            "image": [
                None if r["image"] is None else bytes(r["image"])
                for r in frame.orderBy("id").collect()
            ],
        }
    )
    local = model.transform(table)
    expected = [p for _, p, _ in answers(model.transform(frame))]
    assert local["prediction"].to_pylist() == expected
    pandas = model.transform(table.to_pandas())
    assert [None if p != p else p for p in pandas["prediction"]] == expected


def test_df_transform_and_call(frame):
    stage = UnrollImage(width=2, height=2)
    assert frame.transform(stage).columns == stage(frame).columns


def test_only_what_is_needed_comes_back_before_an_ensemble(model, frame, capsys):
    whole = PipelineModel(
        [
            ImageSetAugmenter(flipHorizontal=True),
            *model.stages,
            EnsembleByKey(keys=["id"], cols=["probability"]),
        ]
    )
    result = whole.transform(frame)
    assert python_nodes(result, capsys) == 1
    result.explain()
    plan = capsys.readouterr().out
    node = next(line for line in plan.splitlines() if "MapInArrow" in line)
    assert re.findall(r"\[([^\]]*)\]", node)[-1].count("#") == 2  # the key and the probability


def test_two_estimators_and_what_is_between_them(frame):
    from pyspark.ml.feature import StandardScaler

    fitted = Pipeline(
        stages=[
            UnrollImage(width=3, height=3, outputCol="pixels"),
            StandardScaler(inputCol="pixels", outputCol="features"),
            LogisticRegression(maxIter=3),
        ]
    ).fit(frame.where(F.col("id") < 24))
    assert fitted.transform(frame.where(F.col("id") < 24)).count() == 24


def test_wrong_stages_and_datasets_are_said_early(model):
    with pytest.raises(ParamError, match="estimators and transformers"):
        Pipeline(stages=["nonsense"]).fit(None)
    with pytest.raises(ParamError, match="pandas DataFrame"):
        model.transform([1, 2])
