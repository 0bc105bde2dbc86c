"""The adapter does Spark's arithmetic: property-tested to 1e-6, both families, thresholds too."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.linalg import Vectors

from irbis import adapters
from irbis.local import transform_table
from irbis.vectors import to_vectors


def _train(spark, classes, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(60, 3))
    y = (x @ rng.normal(size=(3, classes))).argmax(axis=1)
    rows = [(Vectors.dense(v), float(label)) for v, label in zip(x.tolist(), y)]
    return spark.createDataFrame(rows, ["features", "label"]).coalesce(1).cache()


@pytest.fixture(scope="module")
def fitted(spark):
    """Fits once what the cases share: (classes, Params of the estimator)."""
    frames, models = {}, {}

    def fit(classes, **params):
        key = (classes, *sorted(params.items()))
        if key not in models:
            frames.setdefault(classes, _train(spark, classes, 0))
            learner = LogisticRegression(maxIter=4, regParam=0.01, **params)
            models[key] = learner.fit(frames[classes])
        return models[key]

    return fit


# (classes, Params of the estimator, Params of the model)
CASES = [
    (2, {}, {}),
    (2, {}, {"threshold": 0.2}),
    (2, {}, {"threshold": 1.0}),
    (2, {}, {"rawPredictionCol": ""}),
    (2, {}, {"thresholds": [0.7, 0.3]}),
    (2, {"family": "multinomial"}, {}),
    (3, {}, {}),
    (3, {}, {"thresholds": [0.0, 0.6, 0.4]}),
    (3, {"fitIntercept": False}, {"probabilityCol": "p"}),
]


@pytest.mark.parametrize(
    "case",
    [CASES[0], *(pytest.param(c, marks=pytest.mark.one_engine("classic")) for c in CASES[1:])],
)
def test_same_as_spark(case, spark, fitted):
    classes, learned, params = case
    model = fitted(classes, **learned).copy()
    model._set(**params)
    vectors = st.lists(
        st.lists(st.floats(-1e3, 1e3, width=32), min_size=3, max_size=3), min_size=1, max_size=20
    )
    drawn = []

    @settings(max_examples=8)
    @given(vectors)
    def collect(rows):
        drawn.extend(rows)

    collect()
    x = np.array(drawn)
    frame = spark.createDataFrame(
        [(i, Vectors.dense(v)) for i, v in enumerate(x.tolist())], ["i", "features"]
    )
    expected = model.transform(frame).orderBy("i").collect()
    table = pa.table({"features": to_vectors(x, np.ones(len(x), dtype=bool))})
    found = transform_table([model], table).to_pylist()
    names = [model.getRawPredictionCol(), model.getProbabilityCol(), model.getPredictionCol()]
    for e, f in zip(expected, found, strict=True):
        for name in filter(None, names):
            value = f[name] if name == model.getPredictionCol() else f[name]["values"]
            other = e[name] if name == model.getPredictionCol() else e[name].toArray()
            assert np.allclose(value, other, rtol=1e-6, atol=1e-6), (name, e, f)


def test_null_and_misshapen_features_give_null(spark):
    model = LogisticRegression(maxIter=2).fit(_train(spark, 2, 1))
    table = pa.table({"features": pa.array([[1.0, 2, 3], None, [1.0]], pa.list_(pa.float64()))})
    out = transform_table([model], table)
    assert [v is None for v in out["prediction"].to_pylist()] == [False, True, True]
    assert [v is None for v in out["probability"].to_pylist()] == [False, True, True]


def test_it_is_found_by_class_and_others_are_not(spark):
    model = LogisticRegression(maxIter=1).fit(_train(spark, 2, 2))
    assert adapters.find(model) is not None
    assert adapters.find(object()) is None
    assert "LogisticRegressionModel" in adapters.names()
