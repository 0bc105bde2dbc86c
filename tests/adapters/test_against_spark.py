"""Every adapter gives what Spark's own model gives, to 1e-6, on the same rows."""

import math

import numpy as np
import pyarrow as pa
import pytest
from adapter_rows import LABEL_NUMBERS, LABELS, PLACES, SIZE, drawn
from pyspark import ml
from pyspark.ml import feature
from pyspark.ml.classification import GBTClassifier, LogisticRegression
from pyspark.ml.linalg import Vectors
from pyspark.ml.regression import (
    DecisionTreeRegressor,
    GBTRegressor,
    LinearRegression,
    RandomForestRegressor,
)

from irbis import adapters
from irbis.local import transform_table
from irbis.planning import Run, plan
from irbis.testing import to_spark

N = 24
HASHED = [
    {"type": 0, "size": PLACES, "indices": at, "values": [1.0] * len(at)}
    for at in ([0, 3], [3, 49], [], [7])
]


@pytest.fixture(scope="module")
def train(spark):
    """Finite rows to fit on; every label occurs."""
    rng = np.random.default_rng(0)
    v = rng.normal(size=(N, SIZE)) * [1, 5, 0, 20] + [0, 3, 7, -2]  # one constant feature
    some = lambda values: [values[i % len(values)] for i in range(N)]
    table = pa.table(
        {
            "v": pa.array(
                [{"type": 1, "size": None, "indices": None, "values": r} for r in v.tolist()],
                type=drawn(1).schema.field("v").type,
            ),
            "label": v @ [1.0, -2.0, 0.0, 0.5] + rng.normal(size=N),
            "class": some([0.0, 1.0, 2.0]),
            "binary": some([0.0, 1.0, 1.0]),
            "s": some(LABELS),
            "known": some(LABELS),
            "number": some(LABEL_NUMBERS),
            "small": pa.array(some([0.1, 2.5, 1e7, 1.5e-5, 16777216.0]), pa.float32()),
            "whole": some([1, 2, 3, 10]),
            "hashed": pa.array(some(HASHED), type=drawn(1).schema.field("v").type),
        }
    )
    return to_spark(spark, table).cache()


@pytest.fixture(scope="module")
def row_wise(train):
    """Models that keep every row, each with a column of its own."""
    models = [
        feature.StandardScaler(
            inputCol="v", outputCol=f"scaled{mean}{std}", withMean=mean, withStd=std
        ).fit(train)
        for mean in (False, True)
        for std in (False, True)
    ]
    for low, high in [(0.0, 1.0), (-3.0, 5.5)]:
        scaler = feature.MinMaxScaler(inputCol="v", outputCol=f"ranged{low}", min=low, max=high)
        models.append(scaler.fit(train))
    models.append(feature.PCA(k=3, inputCol="v", outputCol="pca").fit(train))
    for at, p in enumerate([1.0, 2.0, 3.0, 1.5, math.inf]):
        models.append(feature.Normalizer(p=p, inputCol="w", outputCol=f"normed{at}"))
    for intercept in (True, False):
        learner = LinearRegression(
            featuresCol="v",
            labelCol="label",
            predictionCol=f"predicted{intercept}",
            fitIntercept=intercept,
            regParam=0.1,
            maxIter=3,
        )
        models.append(learner.fit(train))
    for at, family in enumerate(["binomial", "multinomial", "multinomial"]):
        learner = LogisticRegression(
            featuresCol="v",
            labelCol="class" if at == 2 else "binary",
            family=family,
            rawPredictionCol=f"raw{at}",
            probabilityCol=f"probability{at}",
            predictionCol=f"class{at}",
            regParam=0.1,
            maxIter=3,
        )
        models.append(learner.fit(train))
    idf = feature.IDF(inputCol="hashed", outputCol="idf").fit(train)
    models += [
        feature.VectorAssembler(
            inputCols=["x", "w", "b", "n", "v", "f", "d"], outputCol="together"
        ),
        feature.VectorAssembler(inputCols=["y", "x", "b"], outputCol="kept", handleInvalid="keep"),
        feature.StringIndexer(inputCol="known", outputCol="known_i").fit(train),
        feature.StringIndexer(
            inputCols=["s", "number", "small", "whole"],
            outputCols=["s_i", "number_i", "small_i", "whole_i"],
            handleInvalid="keep",
        ).fit(train),
        feature.StringIndexer(
            inputCol="known", outputCol="ordered", stringOrderType="alphabetDesc"
        ).fit(train),
        feature.IndexToString(inputCol="index", outputCol="label_of", labels=["p", "q"]),
        feature.IndexToString(inputCol="s_i", outputCol="s_again"),
        feature.IndexToString(inputCol="known_i", outputCol="known_again"),
        feature.Tokenizer(inputCol="t", outputCol="tokens"),
        feature.HashingTF(inputCol="tokens", outputCol="tf"),
        *(
            feature.RegexTokenizer(
                inputCol="t",
                outputCol=f"cut{at}",
                pattern=pattern,
                gaps=gaps,
                toLowercase=lower,
                minTokenLength=least,
            )
            for at, (pattern, gaps, lower, least) in enumerate(
                [
                    (r"\s+", True, True, 1),
                    (r"\W", True, False, 0),
                    (r"[^a-z]+", True, True, 2),
                    (r"\w+", False, True, 1),
                    (r"\S", False, False, 2),
                ]
            )
        ),
        feature.StopWordsRemover(inputCol="words", outputCol="left", stopWords=["A", "cat", "猫"]),
        feature.StopWordsRemover(
            inputCol="tokens", outputCol="left_too", stopWords=["A", "b"], caseSensitive=True
        ),
        feature.NGram(inputCol="words", outputCol="pairs"),
        feature.NGram(inputCol="words", outputCol="triples", n=3),
        *(
            feature.CountVectorizerModel.from_vocabulary(
                ["cat", "a", ""], inputCol="words", outputCol=f"counts{at}", minTF=least
            ).setBinary(binary)
            for at, (least, binary) in enumerate([(1.0, False), (0.4, False), (2.0, True)])
        ),
        feature.HashingTF(inputCol="words", outputCol="few", numFeatures=7),
        feature.HashingTF(inputCol="words", outputCol="once", numFeatures=7, binary=True),
        idf,
        LogisticRegression(
            featuresCol="idf",
            labelCol="binary",
            regParam=0.1,
            maxIter=3,
            predictionCol="hashed_p",
            rawPredictionCol="hashed_r",
            probabilityCol="hashed_c",
        ).fit(idf.transform(train)),
        LinearRegression(
            featuresCol="hashed",
            labelCol="label",
            predictionCol="hashed_l",
            regParam=0.1,
            maxIter=3,
        ).fit(train),
        *trees(train),
    ]
    return models


def trees(train):
    """Trees that split numbers and, in a vector of their own, categories."""
    small = {"featuresCol": "v", "labelCol": "label", "maxDepth": 2, "seed": 1}
    assembler = feature.VectorAssembler(inputCols=["known_i", "x_i"], outputCol="mixed")
    indexers = [
        feature.StringIndexer(inputCol="known", outputCol="known_i").fit(train),
        feature.StringIndexer(inputCol="whole", outputCol="x_i", handleInvalid="keep").fit(train),
    ]
    mixed = ml.PipelineModel([*indexers, assembler]).transform(train)
    booster = GBTClassifier(featuresCol="v", labelCol="binary", maxIter=2, maxDepth=2, seed=1)
    booster.setPredictionCol("g_p").setRawPredictionCol("g_r").setProbabilityCol("g_c")
    return [
        RandomForestRegressor(predictionCol="forest", numTrees=2, **small).fit(train),
        GBTRegressor(predictionCol="boosted", maxIter=2, **small).fit(train),
        booster.fit(train),
        indexers[1],
        assembler,
        DecisionTreeRegressor(predictionCol="category", featuresCol="mixed", labelCol="label",
                              maxDepth=3).fit(mixed),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def skipping(train):
    """Models that drop rows."""
    return [
        feature.VectorAssembler(inputCols=["y", "x"], outputCol="few", handleInvalid="skip"),
        feature.StringIndexer(
            inputCols=["s", "whole"], outputCols=["s_j", "whole_j"], handleInvalid="skip"
        ).fit(train),
        feature.StringIndexer(inputCol="number", outputCol="number_j", handleInvalid="skip").fit(
            train
        ),
    ]


def plain(value):
    if hasattr(value, "toArray"):
        return value.toArray().tolist()
    if isinstance(value, dict) and value["type"] == 0:
        return Vectors.sparse(value["size"], value["indices"], value["values"]).toArray().tolist()
    if isinstance(value, dict) and "values" in value:
        return value["values"]
    return value


def same(found, expected):
    items = expected if isinstance(expected, list) else [expected]
    if found is not None and all(isinstance(item, float) for item in items):
        found, expected = np.asarray(found), np.asarray(expected)
        return found.shape == expected.shape and np.allclose(
            found, expected, rtol=1e-6, atol=1e-6, equal_nan=True
        )
    return found == expected


def compare(models, table, spark):
    steps = plan(models, jvm=False)
    assert [type(s) for s in steps] == [Run]
    assert len(steps[0].stages) == len(models)
    # Spark alone, as its own pipeline runs it.
    frame = ml.PipelineModel(models).transform(to_spark(spark, table))
    expected = sorted((r.asDict() for r in frame.collect()), key=lambda r: r["i"])
    found = transform_table(models, table)
    assert found.column_names == frame.columns
    made = [c for c in frame.columns if c not in table.column_names]
    rows = found.to_pylist()
    assert [r["i"] for r in rows] == [r["i"] for r in expected]
    for ours, theirs in zip(rows, expected, strict=True):
        for name in made:
            a, b = plain(ours[name]), plain(theirs[name])
            assert same(a, b), (name, a, b, ours)
    return made, rows


@pytest.mark.one_engine("classic")
def test_models_that_keep_rows(spark, row_wise):
    table = drawn()
    assert table.num_rows >= 50
    made, rows = compare(row_wise, table, spark)
    assert len(made) == 63
    # The comparison saw what it is for.
    assert any(r["s"] is None for r in rows)
    assert {r["s_again"] for r in rows if r["s"] == "unseen"} == {"__unknown"}
    assert any(r["v"]["type"] == 0 for r in rows)
    assert any(math.isnan(x) for r in rows for x in r["pca"]["values"])


@pytest.mark.one_engine("classic")
def test_models_that_drop_rows(spark, skipping):
    table = drawn()
    _, rows = compare(skipping, table, spark)
    assert 0 < len(rows) < table.num_rows


@pytest.mark.one_engine("classic")
def test_all_of_them_are_found(row_wise, skipping):
    models = row_wise + skipping
    found = {type(adapters.find(m)).__name__ for m in models if adapters.find(m)}
    assert len(found) == 18
    assert "PCAModel" in adapters.names()
