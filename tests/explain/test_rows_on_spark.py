"""Texts and tables explained on Spark, with models of Spark ML: the same as without it, saved too."""

import numpy as np
import pyarrow as pa
import pytest
from pyspark.ml import Pipeline
from pyspark.ml.classification import GBTClassifier, LogisticRegression
from pyspark.ml.feature import IDF, HashingTF, StringIndexer, Tokenizer, VectorAssembler
from typer.testing import CliRunner

import irbis
from irbis import TabularLIME, TabularSHAP, TextLIME
from irbis.cli import app
from irbis.errors import DataError
from irbis.explain.text_explanation import TextExplanation

TEXTS = ["good food and friendly staff", "bad food", "a good day", "a bad day, bad staff", "", None]


@pytest.fixture(scope="module")
def texts(spark):
    """A pipeline of Spark ML's own, with HashingTF at its default size."""
    rows = [(t, float("good" in t)) for t in TEXTS[:4]]
    stages = [
        Tokenizer(inputCol="text", outputCol="words"),
        HashingTF(inputCol="words", outputCol="tf"),
        IDF(inputCol="tf", outputCol="features"),
        LogisticRegression(regParam=0.01, maxIter=10),
    ]
    return Pipeline(stages=stages).fit(spark.createDataFrame(rows, "text string, label double"))


def test_a_text_pipeline(spark, texts):
    lime = TextLIME(model=texts, numSamples=32)
    table = pa.table({"i": range(6), "text": TEXTS})
    local = lime.transform(table).to_pylist()
    first = TextExplanation.from_row(local[0]["explanation"])
    assert first.words[int(np.argmax(first.weights[0]))] == "good"
    spark_says = texts.transform(spark.createDataFrame([(TEXTS[0],)], "text string")).first()
    assert np.isclose(first.scores[0], spark_says["probability"][1], atol=1e-6)
    assert local[5]["explanation_error"]["kind"] == "null"
    frame = spark.createDataFrame(list(enumerate(TEXTS)), "i long, text string").repartition(2)
    rows = lime.transform(frame).orderBy("i").collect()
    assert [row.asDict(recursive=True) for row in rows] == local


@pytest.mark.one_engine("classic")
def test_saved_with_its_model(texts, tmp_path):
    lime = TextLIME(model=texts, numSamples=32)
    table = pa.table({"i": range(6), "text": TEXTS})
    local = lime.transform(table).to_pylist()
    path = str(tmp_path / "lime")
    lime.save(path)
    assert irbis.load(path).transform(table).to_pylist() == local
    assert TextLIME.load(path).transform(table).to_pylist() == local


@pytest.mark.one_engine("classic")
def test_the_command_line(texts, tmp_path):
    irbis.PipelineModel(texts.stages).save(str(tmp_path / "model"))
    (tmp_path / "x.txt").write_text("a good & bad day", encoding="utf-8")
    run = lambda file, out: CliRunner().invoke(
        app,
        ["explain", str(tmp_path / "model"), str(tmp_path / file), "--out", str(tmp_path / out)],
    )
    said = run("x.txt", "deep/x.html")
    assert said.exception is None
    assert said.output.startswith("class 1: probability 0.")
    page = (tmp_path / "deep" / "x.html").read_text(encoding="utf-8")
    assert page.count("<mark") == 4
    assert "&amp; <mark" in page
    (tmp_path / "y.txt").write_bytes(b"\xff\xfe")
    for file, out, kind in [("no.txt", "x.html", DataError), ("y.txt", "x.html", DataError)]:
        assert isinstance(run(file, out).exception, kind)


@pytest.mark.one_engine("classic")
def test_hashed_words_stay_in_the_jvm(texts):
    from irbis import PerceptualHash
    from irbis.planning import Foreign, Run, plan

    stages = [PerceptualHash(), *texts.stages[:2]]
    assert [type(s) for s in plan(stages, jvm=True)] == [Run, Foreign]
    assert [type(s) for s in plan(stages, jvm=False)] == [Run]


@pytest.mark.one_engine("classic")
def test_a_background_from_a_frame(spark):
    rng = np.random.default_rng(1)
    table = pa.table(
        {
            "age": [None, float("nan"), *rng.normal(40, 9, 58)],
            "rooms": rng.integers(1, 5, 60),
            "town": [None, *rng.choice(["Oslo", "Bergen"], 59)],
            "zone": [float("nan"), *rng.integers(0, 2, 59).astype(float)],
        }
    )
    frame = spark.createDataFrame(table.to_pandas().astype(object).values.tolist(),
        "age double, rooms long, town string, zone double")  # fmt: skip
    worth = lambda d: 0.1 * d["age"].fillna(0).astype(float) + (d["town"] == "Oslo")
    told = {
        "model": worth, "inputCols": table.column_names, "targetClasses": [0],
        "metric": "probability",
    }  # fmt: skip
    lime = TabularLIME(categoricalCols=["zone"], **told)
    here, there = lime.fit(table), lime.fit(frame)
    for a, b in zip(here.getBackground(), there.getBackground(), strict=True):
        assert a["name"] == b["name"]
        assert a.get("counts") == b.get("counts")
        assert a.get("values") == b.get("values")
        assert np.isclose(a.get("mean", 0), b.get("mean", 0))
        assert np.isclose(a.get("std", 0), b.get("std", 0))
    shap = TabularSHAP(numBackground=20, **told).fit(frame)
    assert [len(v) for v in shap.getBackground().values()] == [20] * 4
    few = frame.where("age > 0").limit(3)
    rows = shap.transform(few).collect()
    for row in rows:
        assert row["explanation_error"] is None
        found = row["explanation"]
        assert np.isclose(found["intercept"][0] + sum(found["weights"][0]), found["scores"][0])


def test_gradient_boosting(spark):
    rng = np.random.default_rng(2)
    age, town = rng.normal(40, 9, 80), rng.choice(["Oslo", "Rome"], 80)
    rows = [
        (float(a), str(t), float(a > 45 or t == "Rome")) for a, t in zip(age, town, strict=True)
    ]
    frame = spark.createDataFrame(rows, "age double, town string, label double")
    stages = [
        StringIndexer(inputCol="town", outputCol="t", handleInvalid="keep"),
        VectorAssembler(inputCols=["age", "t"], outputCol="features"),
        GBTClassifier(maxIter=3, maxDepth=2, seed=1),
    ]
    model = Pipeline(stages=stages).fit(frame)
    table = pa.table({"age": [60.0, 30.0, 30.0], "town": ["Oslo", "Rome", "Oslo"]})
    truth = model.transform(spark.createDataFrame(table.to_pandas())).collect()
    told = {"model": model, "inputCols": ["age", "town"]}
    for stage in (TabularLIME(**told).fit(frame), TabularSHAP(**told).fit(frame)):
        found = [r["explanation"] for r in stage.transform(table).to_pylist()]
        for row, said in zip(found, truth, strict=True):
            assert np.isclose(row["scores"][0], said["probability"][1], atol=1e-9)
        (old, _), (_, rome), (young, oslo) = (row["weights"][0] for row in found)
        assert old > 0
        assert rome > 0 > oslo
    assert young < 0  # SHAP's weights are the row's own; LIME's are the line's slope
