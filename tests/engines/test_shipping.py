"""A model's file reaches workers that see neither the driver's path nor its cache."""

import textwrap
from pathlib import Path

SCRIPT = textwrap.dedent(
    """
    import os, sys, tempfile
    from pathlib import Path

    import pyarrow as pa

    sys.path.insert(0, sys.argv[2])
    import graphs
    from irbis import OnnxModel

    engine = sys.argv[1]
    folder = Path(tempfile.mkdtemp())
    # Set now, the executors do not know of it: their cache is another one, and empty.
    os.environ["IRBIS_HOME"] = str(folder / "home")
    for content in (graphs.linear(), graphs.linear(scale=2)):  # same name, other content
        path = folder / "model.onnx"
        path.write_bytes(content)
        stage = OnnxModel(model=path, fetchDict={"y": "logits"})
        table = pa.table({"x": [[float(i), 1.0, 2.0] for i in range(8)]})
        here = stage.transform(table)["y"].to_pylist()
        frame = spark.createDataFrame([(r,) for r in table["x"].to_pylist()], "x array<double>")
        out = stage.transform(frame.repartition(4))
        stage.transform(frame)  # the second time nothing is sent
        path.unlink()
        rows = out.collect()
        assert [r["y_error"] for r in rows] == [None] * 8, rows[0]
        assert sorted(r["y"] for r in rows) == sorted(here)
        stream = spark.readStream.format("rate").option("rowsPerSecond", 50).load()
        stream = stage.transform(stream.selectExpr("array(cast(value as double), 1D, 2D) as x"))
        query = stream.writeStream.format("memory").queryName("q").start()
        for _ in range(60):
            query.processAllAvailable() if engine != "connect" else query.awaitTermination(1)
            if spark.table("q").count() >= 8:
                break
        query.stop()
        got = spark.table("q").where("y is not null").orderBy("x").limit(8).collect()
        assert [r["y"] for r in got] == here, (query.exception(), got)
    """
)
MODELS = Path(__file__).parents[1] / "model"


def test_files_reach_executors(cluster):
    cluster.run(SCRIPT, "classic", MODELS)


def test_files_reach_executors_on_connect(connect_cluster):
    connect_cluster.run(SCRIPT, "connect", MODELS)
