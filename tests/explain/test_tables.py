"""TabularLIME and TabularSHAP: the right columns, the published form, and values at the edge."""

import math
from itertools import permutations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis import TabularLIME, TabularLIMEModel, TabularSHAP, TabularSHAPModel
from irbis.errors import DataError, ParamError, SchemaError
from irbis.explain.background import Background
from irbis.explain.table_draws import drawn, row_kernel, uniforms
from irbis.explain.table_explanation import TableExplanation

RNG = np.random.default_rng(0)
N = 200
TABLE = pa.table(
    {
        "age": RNG.normal(40, 10, N),
        "rooms": RNG.integers(1, 6, N),
        "town": RNG.choice(["Oslo", "Bergen", "Bodø"], N, p=[0.6, 0.3, 0.1]),
        "pool": RNG.random(N) < 0.3,
        "zone": RNG.integers(0, 3, N),
        "same": np.ones(N),
    }
)
COLUMNS = TABLE.column_names
BOTH = pytest.mark.parametrize("stage", [TabularLIME, TabularSHAP])


def worth(frame):
    age = frame["age"].astype(float).fillna(0.0)
    return 0.2 * age + 3.0 * frame["rooms"] + 5.0 * (frame["town"] == "Oslo") + 0.0 * frame["zone"]


def fitted(stage, model=worth, table=TABLE, **params):
    told = {"inputCols": COLUMNS, "targetClasses": [0], "metric": "probability", **params}
    return stage(model=model, **told).fit(table)


def explained(model, table=TABLE):
    rows = model.transform(table).to_pylist()
    assert all(row["explanation_error"] is None for row in rows)
    return [TableExplanation.from_row(row["explanation"]) for row in rows]


def one(**changes):
    first = {**TABLE.slice(0, 1).to_pylist()[0], "town": "Oslo", **changes}
    return pa.Table.from_pylist([first], schema=TABLE.schema)


@pytest.mark.parametrize("around", ["mean", "row"])
def test_lime_finds_a_linear_model(around):
    model = fitted(TabularLIME, regularization=0.0, around=around)
    oslo, bergen = explained(model, pa.concat_tables([one(), one(town="Bergen")]))
    deviation = [np.std(TABLE[c].to_numpy()) for c in ("age", "rooms")]
    truth = [0.2 * deviation[0], 3.0 * deviation[1], 5.0, 0, 0, 0]
    assert np.allclose(oslo.weights[0], truth)
    assert np.isclose(oslo.r2[0], 1)
    assert oslo.forwards == 1025
    assert bergen.weights[0][2] < -1  # to draw another town is mostly to draw Oslo
    assert bergen.weights[0][5] == 0


def test_lime_s_published_form_is_weighted_least_squares():
    """Independent draws around the mean, and the kernel on scaled features, solved densely."""
    model = fitted(TabularLIME, sampler="independent", regularization=0.0, numSamples=300)
    curved = lambda frame: np.sin(frame["age"] / 9) * frame["rooms"] + 2.0 * frame["pool"]
    model.setModel(curved)
    found = explained(model, one())[0]
    assert found.forwards == 300
    function = model.make_function()
    row = one().to_pylist()[0]
    u = uniforms(6, 299, "independent", 0)
    parts = [
        drawn(known, row[known.name], u[:, at], TABLE.schema.field(known.name).type)
        for at, known in enumerate(function.background)
    ]
    features = np.stack([feature for feature, _ in parts], axis=1)
    frame = pd.DataFrame({c: v.to_pandas() for c, (_, v) in zip(COLUMNS, parts, strict=True)})
    distance = np.linalg.norm(features - features[0], axis=1)
    root = np.exp(-(distance**2) / (0.75**2 * 6)) ** 0.25
    assert np.allclose(row_kernel(features, 0.75), root**2)
    design = np.hstack([features[:, :5], np.ones((300, 1))]) * root[:, None]  # the last is constant
    solved = np.linalg.lstsq(design, curved(frame).to_numpy() * root, rcond=None)[0]
    assert np.allclose(found.weights[0][:5], solved[:5], atol=1e-6)
    assert np.isclose(found.intercept[0], solved[5], atol=1e-6)


def test_shap_of_an_additive_model_is_each_column_s_own():
    got = explained(fitted(TabularSHAP, numBackground=N), TABLE.slice(0, 3))
    frame = TABLE.to_pandas()
    means = [
        0.2 * frame["age"].mean(),
        3 * frame["rooms"].mean(),
        5 * (frame["town"] == "Oslo").mean(),
    ]
    for found, row in zip(got, TABLE.slice(0, 3).to_pylist(), strict=True):
        own = [0.2 * row["age"], 3 * row["rooms"], 5 * (row["town"] == "Oslo")]
        assert np.allclose(found.weights[0][:3], np.subtract(own, means))
        assert np.allclose(found.weights[0][3:], 0)
        assert np.isclose(found.base[0], sum(means))
        assert np.isclose(found.base[0] + found.weights[0].sum(), found.scores[0])
        assert found.forwards == 2**6 * N


def test_shap_is_the_mean_gain_over_all_orders_and_backgrounds():
    """By the definition, for a model in which columns act together."""
    model = lambda d: d["age"] * d["rooms"] + 40.0 * (d["town"] == "Oslo") * d["pool"]
    names = ["age", "rooms", "town", "pool"]
    usual, row = TABLE.slice(10, 7).to_pandas(), TABLE.slice(0, 1).to_pandas()
    stage = fitted(TabularSHAP, model, pa.Table.from_pandas(usual), inputCols=names)
    found = explained(stage, TABLE.slice(0, 1))[0]
    gains = dict.fromkeys(names, 0.0)
    for order in permutations(names):
        mixed, before = usual.copy(), model(usual).mean()
        for name in order:
            mixed[name] = row[name].iloc[0]
            after = model(mixed).mean()
            gains[name] += (after - before) / 24
            before = after
    assert np.allclose(found.weights[0], list(gains.values()))
    assert found.forwards == 2**4 * 7


@given(st.integers(0, 50))
def test_shap_sums_to_the_model_whatever_it_is(seed):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(2, 6))
    model = lambda d: (
        np.tanh((d[["age", "rooms", "zone"]].to_numpy(float) @ w[:, :3].T) / 30) / 3 + 0.5
    )
    stage = fitted(
        TabularSHAP,
        model,
        numBackground=4,
        numSamples=12,
        metric="logit",
        targetClasses=[0, 1],
        seed=seed,
    )
    found = explained(stage, TABLE.slice(seed, 1))[0]
    logit = np.log(found.scores / (1 - found.scores))
    assert np.allclose(found.base + found.weights.sum(axis=1), logit)


@BOTH
def test_values_that_the_background_never_gives(stage):
    model = fitted(stage, **({"regularization": 1e-6} if stage is TabularLIME else {}))
    missing = explained(model, one(age=None))[0]
    assert missing.to_row()["values"][0] is None
    assert missing.weights[0][0] < -4  # 0 in place of about 40 years, at 0.2 each
    nan = explained(model, one(age=math.nan))[0]
    assert np.allclose(nan.weights, missing.weights)
    unseen = explained(model, one(town="Rome"))[0]
    assert unseen.weights[0][2] < -1.5  # not Oslo, where 6 in 10 are
    null = explained(model, one(town=None))[0]
    assert np.allclose(null.weights, unseen.weights)
    moved = fitted(stage, lambda d: 2.0 * d["same"])
    assert abs(explained(moved, one())[0].weights[0][5]) < 1e-9
    other = explained(moved, one(same=4.0))[0]
    assert np.isclose(other.weights[0][5], 6.0, rtol=0.05)


@BOTH
def test_a_table_is_described_once_and_kept(stage):
    model = fitted(stage, table=TABLE.to_pandas())
    assert type(model) in (TabularLIMEModel, TabularSHAPModel)
    assert explained(model, one())[0].to_row() == explained(fitted(stage), one())[0].to_row()
    assert model.transform(TABLE.slice(0, 0)).num_rows == 0


@BOTH
def test_what_is_wrong_is_said_before_a_row(stage):
    with pytest.raises(SchemaError, match="no column"):
        fitted(stage, inputCols=["age", "height"])
    with pytest.raises(SchemaError, match="strings or booleans"):
        fitted(stage, inputCols=["when"], table=pa.table({"when": pa.array([1], pa.date32())}))
    with pytest.raises(ParamError, match="pandas DataFrame"):
        fitted(stage, table=[1])
    model = fitted(stage)
    with pytest.raises(SchemaError, match="type it had"):
        model.transform(pa.table({**one().to_pydict(), "town": [1]}))
    with pytest.raises(ParamError, match="fit again"):
        model.copy().setInputCols(["other"]).transform(pa.table({"other": [1.0]}))
    with pytest.raises(ParamError, match="not in inputCols"):
        model.copy().setOutputCol("age").transform(TABLE)
    with pytest.raises(ParamError, match="after loading"):
        model.saved_params()


def test_a_background_that_says_nothing():
    with pytest.raises(DataError, match="no number"):
        fitted(TabularLIME, table=pa.table({"x": pa.array([None, math.nan], pa.float64())}),
               inputCols=["x"])  # fmt: skip
    with pytest.raises(DataError, match="without rows"):
        fitted(TabularSHAP, table=TABLE.slice(0, 0))
    with pytest.raises(ParamError, match="inputCols"):
        TabularLIME(model=worth, inputCols=["age"], categoricalCols=["town"]).fit(TABLE)


def test_a_lasso_leaves_columns_out():
    got = explained(fitted(TabularLIME, surrogate="lasso", regularization=400.0), one())[0]
    assert (got.weights[0] != 0).tolist() == [True, True, True, False, False, False]


def test_numbers_that_are_categories():
    model = lambda d: 4.0 * (d["zone"] == 1)
    plain = fitted(TabularLIME, model, regularization=0.0)
    named = fitted(TabularLIME, model, regularization=0.0, categoricalCols=["zone"])
    assert np.isclose(explained(named, one(zone=1))[0].weights[0][4], 4.0)
    assert abs(explained(plain, one(zone=1))[0].weights[0][4]) < 1


@given(
    st.sampled_from([pa.int8(), pa.int32(), pa.int64(), pa.float32(), pa.float64()]),
    st.floats(-100, 100), st.floats(0, 50), st.integers(-100, 100), st.booleans(),
)  # fmt: skip
def test_draws_are_of_the_column_s_type(type_, mean, std, value, around):
    known = Background("x", mean, std)
    u = uniforms(1, 9, "antithetic", 1)[:, 0]
    feature, values = drawn(known, value, u, type_, around_row=around)
    assert values.type == type_
    assert values[0].as_py() == value
    assert len(feature) == len(values) == 11
    assert np.isfinite(feature).all()


def test_categories_come_as_often_as_in_the_background():
    known = Background("s", values=("a", "b"), counts=(3, 1))
    u = (np.arange(1000) + 0.5) / 1000
    feature, values = drawn(known, "a", u, pa.string())
    assert values.to_pylist()[1:].count("a") == 750
    assert feature[1:].sum() == 750
    feature, values = drawn(known, "new", u, pa.string())
    assert [values.to_pylist()[1:].count(v) for v in ("new", "a", "b")] == [500, 375, 125]
    assert feature.sum() == 501


def test_gradient_boosting_of_scikit_learn():
    from sklearn import ensemble

    x = TABLE.select(["age", "rooms", "zone"]).to_pandas()
    y = (x["age"] > 40) ^ (x["rooms"] > 4)
    x.loc[::7, "age"] = np.nan  # it copes with missing values
    trees = ensemble.HistGradientBoostingClassifier(max_iter=20, random_state=0).fit(x, y)
    told = {"model": trees.predict_proba, "inputCols": list(x.columns), "targetClasses": [1]}
    lime, shap = (stage(**told).fit(x) for stage in (TabularLIME, TabularSHAP))
    table = pa.table({"age": [70.0, 15.0, None], "rooms": [2, 2, 2], "zone": [0, 1, 2]})
    for model in (lime, shap):
        old, young, unknown = explained(model, table)
        assert np.allclose(old.scores[0], trees.predict_proba(table.slice(0, 1).to_pandas())[0, 1])
        assert abs(old.weights[0][2]) < 0.3 * abs(old.weights[0][0])
        assert np.isfinite(unknown.weights).all()
    assert old.weights[0][0] > 0 > young.weights[0][0]
