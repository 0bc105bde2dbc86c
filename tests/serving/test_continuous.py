"""continuousServer: the deck's code as printed, on classic Spark and on Connect."""

import json
import os
import signal
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from killing import BACK_WITHIN
from load import Load, post
from processes import wait_for

import irbis
from irbis import EnsembleByKey, ImageSetAugmenter, Pipeline, UnrollImage
from irbis.errors import ParamError, SchemaError
from irbis.samples import PETS


@pytest.fixture(scope="module")
def pets():
    return [
        p.read_bytes() for kind in ("cats", "dogs") for p in sorted((PETS / kind).iterdir())[:4]
    ]


@pytest.fixture(scope="module")
def deck_model(spark, pets):
    from pyspark.ml.classification import LogisticRegression

    rows = [(i, "here", bytearray(p), float(i >= 4)) for i, p in enumerate(pets)]
    train = spark.createDataFrame(rows, "group int, location string, image binary, label double")
    stages = [
        ImageSetAugmenter(flipHorizontal=True),
        UnrollImage(width=8, height=8, outputCol="features"),
        LogisticRegression(maxIter=2),
        EnsembleByKey(keys=["group", "location"], cols=["probability"], colNames=["probability"]),
    ]
    fitted = Pipeline(stages=stages).fit(train)
    wanted = {r["group"]: list(r["probability"]) for r in fitted.transform(train).collect()}
    return fitted, [wanted[i] for i in range(len(pets))]


def reading(spark, name="text", **options):
    return (
        spark.readStream.continuousServer()
        .address("127.0.0.1", 0, name)
        .options(**options)
        .load()
        .parseRequest("string")
    )


def started(frame, reply="value", name="text"):
    return frame.makeReply(reply).writeStream.continuousServer().replyTo(name).start()


def use_the_session(spark):
    """A tag on the user's own session would make this fail: see supervision.py."""
    from pyspark.ml.classification import LogisticRegression
    from pyspark.ml.evaluation import MulticlassClassificationEvaluator
    from pyspark.ml.functions import array_to_vector
    from pyspark.sql import functions as F

    frame = spark.range(8).select(
        array_to_vector(F.array(F.col("id").cast("double"))).alias("features"),
        (F.col("id") % 2).cast("double").alias("label"),
    )
    model = LogisticRegression(maxIter=1).fit(frame)
    assert 0 <= MulticlassClassificationEvaluator().evaluate(model.transform(frame)) <= 1


def test_the_decks_pipeline_is_served(spark, pets, deck_model, engine):
    from pyspark.sql.types import BinaryType

    fitModel, wanted = deck_model
    serving_df = (
        spark.readStream.continuousServer()
        .address("127.0.0.1", 0, "leopard_detector")
        .load()
        .parseRequest(BinaryType())
    )
    results = fitModel.transform(serving_df)
    assert "probability" in results.columns
    query = (
        results.makeReply("probability")
        .writeStream.continuousServer()
        .replyTo("leopard_detector")
        .start()
    )
    try:
        assert query.isActive
        assert query.exception() is None
        assert query.address.endswith("/leopard_detector")
        found = [json.loads(post(query.address, p))["probability"] for p in pets]
        assert found == [pytest.approx(w, abs=1e-9) for w in wanted]
        with pytest.raises(urllib.error.HTTPError) as bad:
            post(query.address, b"not a picture")
        assert bad.value.code == 422
        said = wait_for(lambda: (query.lastProgress or {}).get("numInputRows", 0) >= len(pets))
        assert said
        assert query.status["message"] == "1 of 1 fronts are up"
        address = query.address
        if engine == "classic":
            use_the_session(spark)
    finally:
        query.stop()
    assert not query.isActive
    assert query.awaitTermination(1) is True
    with pytest.raises(OSError):
        post(address, pets[0])


@pytest.mark.one_engine("connect")  # test_microbatch.py has a query of this mode on classic Spark
def test_the_decks_pipeline_is_served_by_micro_batches_too(spark, pets, deck_model):
    from pyspark.sql.types import BinaryType

    fitModel, wanted = deck_model
    serving_df = (
        spark.readStream.server()
        .address("127.0.0.1", 0, "leopard_detector")
        .load()
        .parseRequest(BinaryType())
    )
    results = fitModel.transform(serving_df)
    query = (
        results.makeReply("probability").writeStream.server().replyTo("leopard_detector").start()
    )
    try:
        sent = [*pets[:2], b"not a picture"]
        with ThreadPoolExecutor(len(sent)) as pool:  # one micro-batch rather than three
            said = [pool.submit(post, query.address, body) for body in sent]
        found = [json.loads(each.result())["probability"] for each in said[:2]]
        assert found == [pytest.approx(w, abs=1e-9) for w in wanted[:2]]
        with pytest.raises(urllib.error.HTTPError) as bad:
            said[2].result()
        assert bad.value.code == 422
    finally:
        query.stop()


def test_what_cannot_run_there_is_refused_at_the_call_or_at_start(spark):
    from pyspark.ml.feature import SQLTransformer

    frame = reading(spark)
    for call in (
        lambda: frame.groupBy("value"),
        lambda: frame.select("value"),
        lambda: frame.count,
        lambda: frame.parseRequest("binary"),
        lambda: frame.makeReply("value").append_stages([]),
        lambda: frame.writeStream.start(),
        lambda: frame.makeReply("value").writeStream.replyTo("other"),
    ):
        with pytest.raises(ParamError):
            call()
    with pytest.raises(ParamError, match=r"groupBy.*use server\(\) or distributedServer\(\)"):
        frame.groupBy("value")
    sql = irbis.PipelineModel([SQLTransformer(statement="SELECT * FROM __THIS__")])
    with pytest.raises(ParamError, match=r"SQLTransformer in continuousServer\(\)"):
        started(sql.transform(frame))
    with pytest.raises(SchemaError):
        started(frame, "nothing")


def test_fronts_share_a_port_and_tell_of_each_other(spark, engine):
    if engine == "connect":
        pytest.skip("the same on both, and it holds both cores")
    query = started(reading(spark, numPartitions=2))
    try:
        assert wait_for(lambda: query.status["message"] == "2 of 2 fronts are up")
        assert len(query.addresses) == 1
        pids = {f["pid"] for f in query.lastProgress["sources"]}
        assert len(pids) == 2
        base = query.address.rpartition("/")[0]

        def both():
            for _ in range(40):
                post(query.address, b"x")
            time.sleep(0.6)
            return all(f.get("requests", 0) > 0 for f in query.lastProgress["sources"])

        assert wait_for(both)
        with urllib.request.urlopen(f"{base}/services") as reply:
            assert json.loads(reply.read())["fronts"] == query.addresses
    finally:
        query.stop()


@pytest.mark.one_engine("connect")  # test_cluster.py kills one on classic Spark
def test_a_killed_worker_comes_back_and_nothing_hangs(spark):
    query = started(reading(spark))
    try:
        address, pid = query.address, query.lastProgress["sources"][0]["pid"]
        assert post(address, b"before") == b"before"
        port = int(address.split(":")[2].partition("/")[0])
        other = spark.readStream.continuousServer().address("127.0.0.1", port, "text").load()
        with pytest.raises(ParamError, match="free"):
            started(other.parseRequest("string"))

        def again():
            try:
                return post(query.address, b"after", timeout=5) == b"after"
            except (OSError, irbis.IrbisError):
                return False

        with Load(address) as load:
            assert wait_for(lambda: len(load.outcomes) > 50)
            os.kill(pid, signal.SIGKILL)
            killed = time.monotonic()
            assert wait_for(lambda: any(o == "refused or cut" for o, _, _ in load.outcomes))
            assert wait_for(again, BACK_WITHIN)
            print(f"back {time.monotonic() - killed:.1f} s after the worker was killed")
            known = len(load.outcomes)
            assert wait_for(lambda: len(load.outcomes) > known + 50)
        assert {o for o, _, _ in load.outcomes} <= {"answered", "refused or cut", "503"}
        assert max(t for _, _, t in load.outcomes) < query.plan.settings.request_deadline
        assert query.address == address
        # Spark tried the task again, or the query submitted its job again.
        assert query.lastProgress["sources"][0]["pid"] != pid
        assert query.exception() is None
        assert query.isActive
    finally:
        query.stop()
