"""The deck's page "Training a Deep Transfer Learner", quoted; docs/deck.md says why what is changed."""

import re

import numpy as np
import pytest
from deck_page import run
from pyspark import ml as spark_ml
from pyspark.ml.classification import LogisticRegression
from pyspark.sql import functions as F

import irbis as mml
from irbis import Pipeline, PipelineModel
from irbis.samples import PETS

PRINTED = """
network = mml.ModelDownloader(...).downloadByName("ResNet50")

model = Pipeline(stages = [
    mml.ImageSetAugmenter(flipHorizontal=True),
    mml.ImageFeaturizer(cutOutputLayers=2).setModel(network),
    LogisticRegression()
    mml.EnsembleByKey(keys=["group","location"], cols=["prob"])))

train, test = spark.read.parquet(...).split(...)

fit_model = model.fit(train)
results = fit_model.transform(test)
"""

CHANGES = [
    ('(...).downloadByName("ResNet50")', '().downloadByName("EfficientNetLite0")'),
    # The next line averages "prob"; and a comma that the slide forgot.
    ("LogisticRegression()\n", 'LogisticRegression(probabilityCol="prob"),\n'),
    ('cols=["prob"])))', 'cols=["prob"])])'),  # a bracket that it forgot
    ("spark.read.parquet(...).split(...)", "split(spark.read.parquet(path))"),  # by burst
]

PYTHON_NODES = re.compile(r"\b(ArrowEvalPython|BatchEvalPython|MapInArrow|MapInPandas)\b")


@pytest.fixture(scope="module")
def saved(spark, tmp_path_factory):
    """Bursts of three pictures at a station, half of them of cats, as the deck's Parquet has them."""
    rows = []
    for label, folder in ((1.0, "cats"), (0.0, "dogs")):
        for i, path in enumerate(sorted((PETS / folder).iterdir())[:18]):
            rows.append((f"{folder}{i // 3}", "station", bytearray(path.read_bytes()), label))
    rows.append(("cats0", "station", bytearray(b"a broken file"), 1.0))
    path = str(tmp_path_factory.mktemp("deck") / "pictures")
    schema = "group string, location string, image binary, label double"
    spark.createDataFrame(rows, schema).write.parquet(path)
    return path


@pytest.fixture(scope="module")
def page(spark, saved):
    def split(pictures):
        group = F.substring("group", 5, 1)
        return (
            pictures.where(group.isin("0", "1", "2", "3")),
            pictures.where(~group.isin("1", "2", "3")),
        )

    names = {"mml": mml, "Pipeline": Pipeline, "LogisticRegression": LogisticRegression}
    return run(PRINTED, CHANGES, {**names, "spark": spark, "path": saved, "split": split})


@pytest.fixture(scope="module")
def fitted(page):
    return page["fit_model"]


@pytest.fixture(scope="module")
def test(page):
    return page["test"]


def results(frame):
    rows = frame.orderBy("group").collect()
    return {r["group"]: r["mean(prob)"].toArray() for r in rows}


def test_results(page, capsys):
    results_ = page["results"]
    assert results_.columns == ["group", "location", "mean(prob)"]
    found = results(results_)
    assert sorted(found) == ["cats0", "cats4", "cats5", "dogs0", "dogs4", "dogs5"]
    right = [(p[1] > 0.5) == group.startswith("cats") for group, p in found.items()]
    assert sum(right) >= 5
    capsys.readouterr()
    results_.explain()
    plan = capsys.readouterr().out
    assert len(PYTHON_NODES.findall(plan)) == 1
    assert plan.count("Exchange") == 1  # one aggregate behind one pass


@pytest.mark.one_engine("classic")
def test_saved_and_loaded(fitted, test, tmp_path):
    fitted.save(str(tmp_path / "model"))
    loaded = PipelineModel.load(str(tmp_path / "model"))
    before, after = results(fitted.transform(test)), results(loaded.transform(test))
    assert all(np.allclose(before[k], after[k], atol=1e-9) for k in before)


@pytest.mark.one_engine("classic")
def test_unfused_in_sparks_own_pipeline(fitted, test):
    # Spark's logistic regression can't take the null features of a broken picture: without it.
    good = test.where(F.length("image") > 100)
    fused = results(fitted.transform(good))
    unfused = results(spark_ml.PipelineModel(fitted.stages).transform(good))
    assert all(np.allclose(fused[k], unfused[k], atol=1e-9) for k in fused)


def test_locally_without_spark(fitted, test):
    import pyarrow as pa

    rows = [r.asDict() for r in test.collect()]
    table = pa.Table.from_pylist([{**r, "image": bytes(r["image"])} for r in rows])
    found = {r["group"]: r["mean(prob)"]["values"] for r in fitted.transform(table).to_pylist()}
    expected = results(fitted.transform(test))
    assert all(np.allclose(found[k], expected[k], atol=1e-9) for k in expected)


def test_resnet50_is_not_quietly_something_else():
    with pytest.raises(mml.IrbisError, match="EfficientNetLite0"):
        mml.ModelDownloader().downloadByName("ResNet50")
