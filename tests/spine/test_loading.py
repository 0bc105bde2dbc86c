"""irbis.load: what Spark saved runs in a process that has neither Java nor a session."""

import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark import cloudpickle, ml
from pyspark.ml import feature
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.evaluation import MulticlassClassificationEvaluator
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder

import apart
import irbis
from irbis import (
    EnsembleByKey,
    ImageFeaturizer,
    ImageLIME,
    ImageSetAugmenter,
    PerceptualHash,
    Pipeline,
    PipelineModel,
    UnrollImage,
)
from irbis.errors import DataError, ParamError, SchemaError
from irbis.samples import PETS

APPLY = (
    apart.WITHOUT_SPARK
    + """
import sys
import pyarrow.parquet as pq
import irbis

model = irbis.load(sys.argv[1])
pq.write_table(model.transform(pq.read_table(sys.argv[2])), sys.argv[3])
print(model.input_columns())
"""
)


@pytest.fixture(scope="module")
def table():
    """Real pictures, one that is broken, and rows without one."""
    paths = [p for k in ("cats", "dogs") for p in sorted((PETS / k).iterdir())[:4]]
    return pa.table(
        {
            "id": pa.array(range(10), pa.int64()),
            "image": pa.array([p.read_bytes() for p in paths] + [b"broken", None], pa.binary()),
            "kind": [p.parent.name for p in paths] + ["cats", "unseen"],
        }
    )


@pytest.fixture(scope="module")
def frame(spark, table):
    return spark.createDataFrame(table).cache()


@pytest.fixture(scope="module")
def away(network, tmp_path_factory):
    """The network where only this module knows it."""
    path = tmp_path_factory.mktemp("away") / "network.onnx"
    shutil.copy(network.uri, path)
    return replace(network, uri=str(path))


@pytest.fixture(scope="module")
def model(frame, away):
    return Pipeline(
        stages=[
            ImageFeaturizer(outputCol="deep").setModel(away),
            feature.StringIndexer(inputCol="kind", outputCol="label", handleInvalid="keep"),
            feature.VectorAssembler(inputCols=["deep"], outputCol="all"),
            feature.StandardScaler(inputCol="all", outputCol="features", withMean=True),
            LogisticRegression(maxIter=3, regParam=0.1),
            feature.IndexToString(inputCol="label", outputCol="said"),
        ]
    ).fit(frame.where("id < 8"))


@pytest.fixture(scope="module")
def expected(model, frame):
    """What Spark makes of it, and what its own pipeline makes of the good rows."""
    columns = ["id", "label", "said", "prediction", "probability"]
    fused = model.transform(frame).select(columns).orderBy("id").collect()
    plain = ml.PipelineModel(model.stages).transform(frame.where("id < 8"))
    return fused, plain.select(columns).orderBy("id").collect()


@pytest.fixture(scope="module")
def saved(model, expected, away, tmp_path_factory):
    """The model, saved alone and in several wrappings; then its network goes away."""
    root = tmp_path_factory.mktemp("saved models")
    model.save(str(root / "model"))
    classifier = PipelineModel([model.stages[0], *model.stages[2:5]])
    lime = ImageLIME(model=classifier, numSamples=8, numSegments=5)
    lime.save(str(root / "lime"))
    PipelineModel([PerceptualHash(), PipelineModel([PipelineModel([lime])])]).save(
        str(root / "deep")
    )
    Path(away.uri).unlink()
    return root


def apply(model, table, tmp_path, **options):
    """Transform a table in another process, without Spark."""
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(table, source)
    said = apart.run(APPLY, model, source, target, home=tmp_path / "home", java=False, **options)
    return pq.read_table(target), said


def sidecars(path):
    return sorted(p.relative_to(path).as_posix() for p in Path(path).rglob("sidecar"))


@pytest.mark.one_engine("classic")  # tests/engines/test_saved_across_engines.py has Connect
def test_features_and_models_without_java(saved, table, expected, tmp_path):
    out, said = apply(saved / "model", table, tmp_path)
    fused, plain = expected
    rows = out.to_pylist()
    assert len(rows) == 10
    for found, wanted in zip(rows, fused, strict=True):
        for name in ("id", "label", "said", "prediction"):
            assert found[name] == wanted[name], name
        ours, theirs = found["probability"], wanted["probability"]
        assert (ours and ours["values"]) == (theirs and theirs.toArray().tolist())
    for found, wanted in zip(rows, plain):
        assert found["said"] == wanted["said"]
        assert np.allclose(
            found["probability"]["values"], wanted["probability"].toArray(), atol=1e-6
        )
    assert [r["prediction"] is None for r in rows] == [False] * 8 + [True] * 2
    assert rows[8]["deep_error"]["kind"] == "decode"
    assert rows[9]["said"] == "__unknown"
    # The network came from the saved copy.
    assert [p.name for p in (tmp_path / "home" / "files").iterdir()]
    assert said.splitlines()[-1] == "['image', 'kind']"


@pytest.mark.one_engine("classic")
@pytest.mark.parametrize("name", ["lime", "deep"])
def test_a_model_inside_a_param_without_java(name, saved, table, tmp_path):
    out, _ = apply(saved / name, table.slice(7, 3), tmp_path)
    weights = [r["explanation"] and r["explanation"]["weights"] for r in out.to_pylist()]
    assert [w is None for w in weights] == [False, True, True]
    assert np.ptp(weights[0]) > 0


@pytest.mark.one_engine("classic")
def test_one_sidecar_at_the_top(saved):
    assert all(sidecars(saved / name) == ["sidecar"] for name in ("model", "lime", "deep"))


@pytest.mark.one_engine("classic")
def test_what_is_loaded(saved, model, table, tmp_path, monkeypatch):
    monkeypatch.setenv("IRBIS_HOME", str(tmp_path))
    loaded = irbis.load(saved / "model")
    assert loaded.uid == model.uid
    assert type(loaded.stages[0]) is ImageFeaturizer
    assert loaded.stages[0].uid == model.stages[0].uid
    assert [type(s).__name__ for s in loaded.stages[1:]] == [
        "StringIndexerAdapter",
        "VectorAssemblerAdapter",
        "StandardScalerAdapter",
        "LogisticRegressionAdapter",
        "IndexToStringAdapter",
    ]
    out = loaded(table)
    assert loaded.output_schema(table.schema).equals(out.schema)
    with pytest.raises(SchemaError, match="image"):
        loaded.output_schema(pa.schema([("kind", pa.string())]))
    assert pickle.loads(cloudpickle.dumps(loaded)).transform(table).equals(out)
    assert loaded.transform(table.to_pandas())["said"].tolist() == out["said"].to_pylist()


@pytest.mark.one_engine("classic")
def test_a_loaded_model_takes_frames_too(saved, frame, expected, tmp_path, monkeypatch):
    monkeypatch.setenv("IRBIS_HOME", str(tmp_path))
    out = irbis.load(str(saved / "model")).transform(frame)
    rows = out.select("id", "label", "said", "prediction", "probability").orderBy("id").collect()
    assert rows == expected[0]


def test_a_relational_stage_and_what_it_needs(spark, table, tmp_path):
    stages = [
        ImageSetAugmenter(),
        UnrollImage(width=2, height=2),
        EnsembleByKey(keys=["id"], cols=["unrolled"]),
    ]
    model = PipelineModel(stages)
    model.save(str(tmp_path / "m"))
    loaded = irbis.load((tmp_path / "m").as_uri())
    assert loaded.input_columns() == ["image", "id"]
    out = loaded.transform(table)
    assert out.equals(model.transform(table))
    assert loaded.output_schema(table.schema).equals(out.schema)


@pytest.mark.one_engine("classic")
def test_the_best_model_of_a_tuning(spark, frame, tmp_path):
    lr = LogisticRegression(featuresCol="unrolled", maxIter=2)
    tuned = CrossValidator(
        estimator=lr,
        estimatorParamMaps=ParamGridBuilder().addGrid(lr.regParam, [0.1, 1.0]).build(),
        evaluator=MulticlassClassificationEvaluator(),
        numFolds=2,
        seed=3,  # Spark's default differs from process to process, and may leave a fold empty
    )
    good = frame.where("id < 8").selectExpr("*", "double(kind = 'cats') as label")
    model = Pipeline(stages=[UnrollImage(width=2, height=2), tuned]).fit(good)
    model.save(str(tmp_path / "m"))
    local = good.select("image").toArrow()
    assert irbis.load(tmp_path / "m").transform(local).equals(model.transform(local))


@pytest.mark.one_engine("classic")
def test_overwriting_and_saving_again(spark, table, tmp_path):
    path = str(tmp_path / "m")
    first, second = PerceptualHash(outputCol="a"), UnrollImage(width=1, height=1)
    first.save(path)
    with pytest.raises(Exception, match="(?i)exist"):
        second.save(path)
    second.write().overwrite().save(path)
    assert irbis.load(path).transform(table).equals(second.transform(table))
    # Spark's pipeline has no sidecar of its own, but each stage in it has.
    ml.PipelineModel([first]).save(str(tmp_path / "spark"))
    assert sidecars(tmp_path / "spark") == [f"stages/0_{first.uid}/sidecar"]
    with pytest.raises(DataError, match=r"without a sidecar.*save it again"):
        irbis.load(tmp_path / "spark")


def test_what_only_spark_can_run_is_named(spark, tmp_path):
    buckets = feature.Bucketizer(splits=[0.0, 1.0, 2.0], inputCol="x", outputCol="y")
    PipelineModel([PerceptualHash(), PipelineModel([buckets])]).save(str(tmp_path / "m"))
    with pytest.raises(DataError, match=r"feature.Bucketizer \(it has no adapter\).*register"):
        irbis.load(tmp_path / "m")
    Pipeline(stages=[PerceptualHash(), LogisticRegression()]).save(str(tmp_path / "p"))
    with pytest.raises(DataError, match=r"Pipeline \(not fitted\).*fit it and save the model"):
        irbis.load(tmp_path / "p")


def test_two_models_of_one_uid(spark, tmp_path):
    """A copy keeps its uid; what the sidecar holds of the two must not mix."""
    rows = [(ml.linalg.Vectors.dense([float(i), 2.0 * i]),) for i in range(5)]
    scaler = feature.StandardScaler(inputCol="v", outputCol="a").fit(
        spark.createDataFrame(rows, ["v"])
    )
    centred = scaler.copy({scaler.withMean: True, scaler.outputCol: "b"})
    PipelineModel([scaler, centred]).save(str(tmp_path / "m"))
    one, two = irbis.load(tmp_path / "m").stages
    assert one.shift.tolist() == [0.0, 0.0]
    assert two.shift.tolist() == [2.0, 4.0]


@pytest.mark.one_engine("classic")
def test_a_user_s_adapter_travels(spark, table, tmp_path):
    import user_adapter

    from irbis import adapters

    name = "pyspark.ml.feature.Bucketizer"
    adapters.register(name, user_adapter.BucketizerAdapter.of)
    try:
        buckets = feature.Bucketizer(splits=[0.0, 3.0, 10.0], inputCol="id", outputCol="bucket")
        model = PipelineModel([PerceptualHash(), buckets])
        model.save(str(tmp_path / "m"))
        local = model.transform(table)
    finally:
        adapters._factories.pop(name)
    # Nothing is registered there; the class is found by its name.
    out, _ = apply(tmp_path / "m", table, tmp_path, path=[Path(user_adapter.__file__).parent])
    assert out.equals(local)
    assert out["bucket"].to_pylist() == [0.0] * 3 + [1.0] * 7


def test_a_loaded_model_is_not_saved(spark, table, tmp_path):
    PerceptualHash().save(str(tmp_path / "m"))
    with pytest.raises(ParamError, match="copy the saved folder"):
        irbis.load(tmp_path / "m").write()
