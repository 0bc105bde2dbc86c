"""On executors in processes of their own: functions, models and errors travel."""

import textwrap

SCRIPT = textwrap.dedent(
    """
    import numpy as np
    import pyarrow as pa

    from irbis import (
        EnsembleByKey, ImageFeaturizer, ImageLIME, ImageSetAugmenter, ModelDownloader,
        PipelineModel,
    )
    from irbis.samples import PETS

    network = ModelDownloader().downloadByName("EfficientNetLite0")
    paths = sorted((PETS / "cats").iterdir())[:6]
    rows = [(i, bytearray(p.read_bytes())) for i, p in enumerate(paths)] + [(6, bytearray(b"x"))]
    frame = spark.createDataFrame(rows, "id long, image binary").repartition(4)
    table = pa.table({"id": [r[0] for r in rows], "image": [bytes(r[1]) for r in rows]})

    model = PipelineModel([
        ImageSetAugmenter(),
        ImageFeaturizer(cutOutputLayers=0, outputCol="p").setModel(network),
        EnsembleByKey(keys=["id"], cols=["p"]),
    ])
    there = {r["id"]: r["mean(p)"] for r in model.transform(frame).collect()}
    here = {r["id"]: r["mean(p)"] for r in model.transform(table).to_pylist()}
    assert sorted(there) == sorted(here) == list(range(7))
    assert there[6] is None and here[6] is None
    for i in range(6):
        assert np.allclose(there[i].toArray(), here[i]["values"], atol=1e-9), i

    featurizer = ImageFeaturizer(cutOutputLayers=0, outputCol="probability").setModel(network)
    lime = ImageLIME(model=featurizer, targetClasses=[281], numSamples=16, numSegments=6)
    weights = {r["id"]: r["w"] for r in lime.transform(frame).selectExpr(
        "id", "explanation.weights as w").collect()}
    local = {r["id"]: r["explanation"] for r in lime.transform(table).to_pylist()}
    assert all(weights[i] == local[i]["weights"] for i in range(6)) and weights[6] is None
    """
)


def test_pipeline_and_lime_on_two_executors(cluster):
    cluster.run(SCRIPT)
