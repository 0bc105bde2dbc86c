"""The MLflow flavor, with MLflow's own file store: logged on Spark, asked without it."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from irbis import Pipeline, UnrollImage
from irbis.errors import DataError, MissingExtraError, ParamError
from irbis.samples import PETS

# Saved by either engine a model is the same (tests/engines): one of them will do.
pytestmark = pytest.mark.one_engine("classic")
ASK = """
import json, sys, pandas as pd, mlflow, pyspark
uri, picture = sys.argv[1:]
content = open(picture, "rb").read()
said = mlflow.pyfunc.load_model(uri).predict(pd.DataFrame({"image": [content, b"none"]}))
assert pyspark.SparkContext._gateway is None
print(json.dumps({
    "columns": said.columns.tolist(),
    "probability": said["probability"][0].tolist(),
    "kind": said["pixels_error"][1]["kind"],
}))
"""


@pytest.fixture(scope="module")
def pictures():
    return [p for kind in ("cats", "dogs") for p in sorted((PETS / kind).iterdir())[:3]]


@pytest.fixture(scope="module")
def saved(spark, pictures, tmp_path_factory):
    """A fitted pipeline: itself, where it is saved, and what it says of the pictures."""
    from pyspark.ml.classification import LogisticRegression

    rows = [(bytearray(p.read_bytes()), float("dogs" in str(p))) for p in pictures]
    frame = spark.createDataFrame(rows, "image binary, label double").coalesce(1)
    stages = [
        UnrollImage(width=4, height=4, outputCol="pixels"),
        LogisticRegression(featuresCol="pixels", maxIter=2),
    ]
    model = Pipeline(stages=stages).fit(frame)
    path = str(tmp_path_factory.mktemp("saved") / "model")
    model.save(path)
    return model, path, [list(r.probability) for r in model.transform(frame).collect()]


@pytest.fixture
def store(tmp_path, monkeypatch):
    import mlflow

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri((tmp_path / "mlruns").as_uri())
    yield mlflow
    mlflow.set_tracking_uri(before)


def table(pictures):
    return pa.table({"image": [p.read_bytes() for p in pictures]})


def test_logged_with_spark_and_loaded_without(store, saved, pictures):
    import irbis.mlflow

    model, _, wanted = saved
    with store.start_run() as run:
        said = irbis.mlflow.log_model(model, name="pets", metadata={"of": "pets"})
    loaded = irbis.mlflow.load_model(said.model_uri)
    found = [r["values"] for r in loaded.transform(table(pictures))["probability"].to_pylist()]
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    assert set(said.flavors) == {"irbis", "python_function"}
    assert said.flavors["irbis"]["irbis_version"] == irbis.__version__
    assert [m.name for m in store.search_logged_models(output_format="list")] == ["pets"]
    assert store.get_run(run.info.run_id).outputs.model_outputs[0].model_id == said.model_id


def test_the_python_function_needs_no_java(store, saved, pictures):
    import irbis.mlflow

    _, path, wanted = saved
    said = irbis.mlflow.log_model(path, registered_model_name="pets")
    assert said.registered_model_version == 1
    kept = {**os.environ, "JAVA_HOME": "/nowhere", "MLFLOW_TRACKING_URI": store.get_tracking_uri()}
    told = subprocess.run(
        [sys.executable, "-c", ASK, "models:/pets/1", str(pictures[0])],
        capture_output=True, text=True, check=False, timeout=120, env=kept,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout.splitlines()[-1])
    assert "image" not in found["columns"]
    assert found["probability"] == pytest.approx(wanted[0])
    assert found["kind"] == "decode"


def test_requirements_signature_and_example(store, saved, pictures, tmp_path):
    from mlflow.models import infer_signature

    import irbis.mlflow

    example = pd.DataFrame({"image": [pictures[0].read_bytes()]})
    irbis.mlflow.save_model(saved[1], tmp_path / "m", signature=infer_signature(example))
    assert f"irbis=={irbis.__version__}" in (tmp_path / "m" / "requirements.txt").read_text()
    model = store.pyfunc.load_model(str(tmp_path / "m"))
    assert len(model.predict(example)) == 1
    with pytest.raises(store.exceptions.MlflowException, match="image"):
        model.predict(pd.DataFrame({"picture": [b""]}))


def test_saved_by_way_of_a_place_that_workers_reach(saved, tmp_path):
    import irbis.mlflow

    model, _, _ = saved
    there = (tmp_path / "shared").as_uri()
    irbis.mlflow.save_model(model, tmp_path / "m", staging=there)
    assert irbis.mlflow.load_model(tmp_path / "m").input_columns() == ["image"]


def test_what_cannot_run_without_spark_is_refused_at_once(spark, tmp_path):
    from pyspark.ml.feature import SQLTransformer

    import irbis.mlflow

    model = irbis.PipelineModel(stages=[SQLTransformer(statement="SELECT * FROM __THIS__")])
    with pytest.raises(DataError, match="SQLTransformer"):
        irbis.mlflow.save_model(model, tmp_path / "m")
    assert not (tmp_path / "m").exists()
    with pytest.raises(ParamError, match="a int"):
        irbis.mlflow.save_model(3, tmp_path / "m")
    with pytest.raises(DataError, match="/no/such"):
        irbis.mlflow.save_model("/no/such", tmp_path / "m")


def test_a_model_of_another_flavor_is_refused(store, tmp_path):
    import irbis.mlflow

    model = store.models.Model()
    model.add_flavor("other")
    (tmp_path / "m").mkdir()
    model.save(str(tmp_path / "m" / "MLmodel"))
    with pytest.raises(DataError, match="flavors other"):
        irbis.mlflow.load_model(tmp_path / "m")


def test_it_is_there_by_its_name(monkeypatch):
    import irbis

    monkeypatch.delattr(irbis, "mlflow", raising=False)  # as behind a bare `import irbis`
    assert irbis.mlflow.FLAVOR == "irbis"


def test_without_mlflow_it_names_the_extra(monkeypatch):
    import irbis.mlflow

    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises((MissingExtraError, ModuleNotFoundError), match="mlflow"):
        irbis.mlflow.load_model("x")
