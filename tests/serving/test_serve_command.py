"""The deck's classifier of pictures, saved: ``irbis serve`` without Java, and continuousServer, as the batch."""

import hashlib
import io
import json
import signal
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

sys.path.append(str(Path(__file__).parents[1] / "detect"))
from PIL import Image
from processes import command, wait_for
from test_detection import constant_network

import irbis
from irbis import Detector, ImageFeaturizer, Pipeline
from irbis.errors import ParamError
from irbis.files import FileRef
from irbis.samples import PETS
from irbis.serving.in_spark import serve_in_spark
from irbis.serving.settings import FrontSettings
from irbis.serving.standalone import compile_model

# A saved model, and processes of their own: the same on both engines.
ON_ONE_ENGINE = pytest.mark.one_engine("classic")


def sixty_kilobytes(path):
    """A shipped picture, as a JPEG of the size that cameras send."""
    best = b""
    with Image.open(path) as found:
        picture = found.convert("RGB").resize((640, 480))
    for quality in range(30, 100, 5):
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality)
        best = min(best, out.getvalue(), key=lambda b: abs(len(b) - 60_000))
    return best


@pytest.fixture(scope="module")
def saved(spark, network, tmp_path_factory):
    from pyspark.ml.classification import LogisticRegression
    from pyspark.ml.feature import StringIndexer

    paths = [p for kind in ("cats", "dogs") for p in sorted((PETS / kind).iterdir())[:4]]
    pictures = [sixty_kilobytes(p) for p in paths]
    assert all(40_000 < len(p) < 80_000 for p in pictures)
    rows = [(bytearray(b), p.parent.name) for b, p in zip(pictures, paths, strict=True)]
    frame = spark.createDataFrame(rows, "image binary, kind string")
    stages = [
        StringIndexer(inputCol="kind", outputCol="label"),
        ImageFeaturizer().setModel(network),
        LogisticRegression(maxIter=2),
    ]
    model = Pipeline(stages=stages).fit(frame)
    path = str(tmp_path_factory.mktemp("served") / "classifier")
    model.save(path)
    wanted = [list(r["probability"]) for r in model.transform(frame).collect()]
    return path, pictures, wanted


def post(url, body):
    with urllib.request.urlopen(urllib.request.Request(url, body, method="POST")) as reply:
        return json.loads(reply.read())


def answers(url, pictures):
    """Asked four at a time, so that some wait and make batches."""
    with ThreadPoolExecutor(4) as pool:
        return [a["probability"] for a in pool.map(lambda p: post(url, p), pictures)]


@ON_ONE_ENGINE
def test_a_saved_model_is_served_without_java(saved, tmp_path):
    path, pictures, wanted = saved
    no_java = {"PATH": str(tmp_path), "JAVA_HOME": str(tmp_path), "IRBIS_TOKEN": ""}
    with command("-m", "irbis.cli", "serve", path, "--port", "0", env=no_java) as (
        child,
        url,
        said,
    ):
        assert url.endswith("/classifier")
        assert answers(url, pictures) == wanted  # the batch's, to the bit
        base = url.rpartition("/")[0]
        with urllib.request.urlopen(f"{base}/health/ready") as reply:
            assert reply.status == 200
        child.send_signal(signal.SIGTERM)
        assert child.wait(20) == 0
        time.sleep(0.1)
        assert "draining\n" in said


@ON_ONE_ENGINE
def test_the_saved_model_is_served_in_sparks_workers(saved, spark):
    path, pictures, wanted = saved
    frame = spark.readStream.continuousServer().address("127.0.0.1", 0, "pets").load()
    results = irbis.PipelineModel.load(path).transform(frame.parseRequest("binary"))
    query = results.makeReply("probability").writeStream.server().replyTo("pets").start()
    try:
        assert answers(query.address, pictures) == wanted
    finally:
        query.stop()


@ON_ONE_ENGINE
def test_a_front_in_spark_is_no_orphan_when_its_driver_is_killed(saved):
    path, pictures, wanted = saved
    arguments = ("serve", path, "--port", "0", "--mode", "continuousServer")
    with command("-m", "irbis.cli", *arguments, timeout=120) as (child, url, _said):
        assert post(url, pictures[0])["probability"] == wanted[0]
        child.kill()
        child.wait()

        def gone():
            try:
                post(url, pictures[0])
            except OSError as error:
                return not isinstance(error, urllib.error.HTTPError)
            return False

        assert wait_for(gone, 15)


def test_what_only_spark_can_run_has_to_be_described(tmp_path):
    (tmp_path / "metadata").mkdir()
    with pytest.raises(ParamError, match="--reply"):
        serve_in_spark(tmp_path, "server", ("127.0.0.1", 0, "x"), {})
    with pytest.raises(ParamError, match="distributedServer"):
        serve_in_spark(tmp_path, "fast", ("127.0.0.1", 0, "x"), {})


@ON_ONE_ENGINE
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


@ON_ONE_ENGINE
def test_a_saved_detector_is_served_too(spark, tmp_path):
    network = tmp_path / "constant.onnx"
    network.write_bytes(constant_network())
    sha256 = hashlib.sha256(network.read_bytes()).hexdigest()
    detector = Detector(file=FileRef(str(network), sha256), labels=["cat", "dog"])
    detector.save(str(tmp_path / "detector"))
    picture = next((PETS / "cats").iterdir()).read_bytes()
    wanted = detector.transform(pa.table({"image": [picture]}))["detections"].to_pylist()
    made, parser = compile_model(
        irbis.load(tmp_path / "detector"), FrontSettings(), parse=None, input_col=None, reply=None
    )
    assert (parser.column, made.served.reply.column) == ("image", "detections")
    (reply,) = made.served([picture], [None])
    assert json.loads(reply.body) == wanted[0]
    assert len(wanted[0]) == 2
