"""A model saved on one engine loads on the other, each time in a new process with an empty cache."""

import json
import shutil
from dataclasses import asdict, replace

import apart

ROWS = """
import json, sys
from pathlib import Path
import pyarrow as pa
from irbis import ImageFeaturizer, ModelSchema, Pipeline, PipelineModel, load
from irbis.samples import PETS

paths = [p for k in ("cats", "dogs") for p in sorted((PETS / k).iterdir())[:3]]
table = pa.table({
    "id": pa.array(range(6), pa.int64()),
    "image": pa.array([p.read_bytes() for p in paths], pa.binary()),
    "kind": [p.parent.name for p in paths],
})

def answers(model):
    names = ["id", "label", "prediction", "probability"]
    rows = model.transform(spark.createDataFrame(table)).select(names).orderBy("id").collect()
    return [[r["id"], r["label"], r["prediction"], r["probability"].toArray().tolist()] for r in rows]

def local(model):
    rows = model.transform(table).to_pylist()
    return [[r["id"], r["label"], r["prediction"], r["probability"]["values"]] for r in rows]
"""
FIT = (
    ROWS
    + """
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import StringIndexer

network = json.loads(sys.argv[2])
network = ModelSchema(**{**network, "layerNames": tuple(network["layerNames"])})
model = Pipeline(stages=[
    StringIndexer(inputCol="kind", outputCol="label"),
    ImageFeaturizer().setModel(network),
    LogisticRegression(maxIter=3, regParam=0.1),
]).fit(spark.createDataFrame(table))
model.save(sys.argv[1])
Path(sys.argv[3]).write_text(json.dumps(answers(model)))
"""
)
LOAD = (
    ROWS
    + """
without = local(load(sys.argv[1]))
model = PipelineModel.load(sys.argv[1])
assert type(model) is PipelineModel and type(model.stages[1]) is ImageFeaturizer
assert model.stages[1].getModel().file.locate().parent.parent == Path(sys.argv[2])
found = answers(model)
assert found == without
model.write().overwrite().save(sys.argv[3])
print(json.dumps(found))
spark.stop()
"""
)


def test_saved_here_loaded_there(network, cluster, tmp_path):
    away = tmp_path / "away.onnx"
    shutil.copy(network.uri, away)
    schema = json.dumps(asdict(replace(network, uri=str(away))))
    one, two = tmp_path / "one", tmp_path / "two"
    cluster.run(FIT, one, schema, tmp_path / "answers")
    expected = json.loads((tmp_path / "answers").read_text())
    assert len({row[2] for row in expected}) == 2
    away.unlink()
    # What Connect loaded it saves, and classic Spark loads that.
    for engine, source, target, home in [
        (apart.CONNECT, one, two, tmp_path / "b"),
        (apart.CLASSIC, two, tmp_path / "three", tmp_path / "c"),
    ]:
        said = apart.run(engine + LOAD, source, home, target, home=home)
        assert json.loads(said.splitlines()[-1]) == expected
        shutil.rmtree(home)
