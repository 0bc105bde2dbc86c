"""``irbis serve``: a process without Java and without a session."""

import json
import signal
import time
import urllib.request

import pytest
from processes import command

import irbis
from irbis import Pipeline, UnrollImage
from irbis.errors import ParamError
from irbis.samples import PETS
from irbis.serving.settings import FrontSettings
from irbis.serving.standalone import compile_model


@pytest.fixture(scope="module")
def saved(spark, tmp_path_factory):
    from pyspark.ml.classification import LogisticRegression
    from pyspark.ml.feature import StringIndexer

    paths = [p for kind in ("cats", "dogs") for p in sorted((PETS / kind).iterdir())[:6]]
    rows = [(bytearray(p.read_bytes()), p.parent.name) for p in paths]
    frame = spark.createDataFrame(rows, "image binary, kind string")
    stages = [
        StringIndexer(inputCol="kind", outputCol="label"),
        UnrollImage(width=8, height=8, outputCol="features"),
        LogisticRegression(maxIter=5),
    ]
    model = Pipeline(stages=stages).fit(frame)
    path = str(tmp_path_factory.mktemp("served") / "classifier")
    model.save(path)
    wanted = [list(r["probability"]) for r in model.transform(frame).collect()]
    return path, [p.read_bytes() for p in paths], wanted


def post(url, body):
    with urllib.request.urlopen(urllib.request.Request(url, body, method="POST")) as reply:
        return json.loads(reply.read())


def test_a_saved_model_is_served_without_java(saved, tmp_path):
    path, pictures, wanted = saved
    no_java = {"PATH": str(tmp_path), "JAVA_HOME": str(tmp_path), "IRBIS_TOKEN": ""}
    with command("-m", "irbis.cli", "serve", path, "--port", "0", env=no_java) as (
        child,
        url,
        said,
    ):
        assert url.endswith("/classifier")
        found = [post(url, p)["probability"] for p in pictures]
        assert found == wanted  # the batch's answers, to the bit
        base = url.rpartition("/")[0]
        with urllib.request.urlopen(f"{base}/health/ready") as reply:
            assert reply.status == 200
        child.send_signal(signal.SIGTERM)
        assert child.wait(20) == 0
        time.sleep(0.1)
        assert "draining\n" in said


def test_what_a_request_holds_is_found_out_or_asked_for(saved):
    path, pictures, _ = saved
    model, settings = irbis.load(path), FrontSettings()

    def compiled(**said):
        return compile_model(
            model, settings, **{"parse": None, "input_col": None, "reply": None, **said}
        )

    made, parser = compiled()
    assert (parser.column, made.served.reply.column) == ("image", "probability")
    made, parser = compiled(parse="image", input_col="image", reply="prediction")
    assert made.served([pictures[0]], [None])[0].status == 200
    with pytest.raises(ParamError, match="--parse"):
        compiled(input_col="nothing")
    with pytest.raises(ParamError, match="parseRequest"):
        compiled(parse="a colour")
