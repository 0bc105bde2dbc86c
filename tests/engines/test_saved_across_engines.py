"""A model saved on one engine loads on the other, each time in processes that do not know it."""

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
import os

os.environ["IRBIS_HOME"] = sys.argv[2]
without = local(load(sys.argv[1]))
model = PipelineModel.load(sys.argv[1])
assert type(model) is PipelineModel and type(model.stages[1]) is ImageFeaturizer
assert model.stages[1].getModel().file.locate().parent.parent == Path(sys.argv[2])
found = answers(model)
assert found == without
model.write().overwrite().save(sys.argv[3])
Path(sys.argv[4]).write_text(json.dumps(found))
"""
)


def test_saved_here_loaded_there(network, cluster, connect_cluster, tmp_path):
    away = tmp_path / "away.onnx"
    shutil.copy(network.uri, away)
    schema = json.dumps(asdict(replace(network, uri=str(away))))
    one, two, three, said = (tmp_path / name for name in ("one", "two", "three", "said"))
    cluster.run(FIT, one, schema, said)
    expected = json.loads(said.read_text())
    assert len({row[2] for row in expected}) == 2
    away.unlink()
    # What Connect loaded it saves, and classic Spark loads that.
    home = tmp_path / "b"
    connect_cluster.run(LOAD, one, home, two, said)
    assert json.loads(said.read_text()) == expected
    shutil.rmtree(home)
    said.unlink()
    home = tmp_path / "c"
    apart.run(apart.CLASSIC + LOAD + "spark.stop()", two, home, three, said, home=home)
    assert json.loads(said.read_text()) == expected
