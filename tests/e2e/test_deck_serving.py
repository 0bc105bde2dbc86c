"""The deck's page "Web Serving with the Same API"; and the same on continuousServer."""

import json
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from deck_page import run
from pyspark.sql.types import BinaryType

PRINTED = """
serving_df = spark.readStream.server()
    .address("0.0.0.0", 8888, "leopard_detector")
    .load()
    .parseRequest(BinaryType())

results = fitModel.transform(serving_df)

results.makeReply("probability")
    .writeStream
    .server()
    .replyTo("leopard_detector")
    .start()
"""

CHANGES = [
    # Line breaks in Python ask for brackets.
    ("serving_df = spark", "serving_df = (spark"),
    ("parseRequest(BinaryType())", "parseRequest(BinaryType()))"),
    ("results.makeReply", "query = (results.makeReply"),
    (".start()", ".start())"),
    ('"0.0.0.0", 8888', '"127.0.0.1", 0'),  # no test listens to the world
]


def served(spark, model, changes):
    names = {"spark": spark, "fitModel": model, "BinaryType": BinaryType}
    return run(PRINTED, changes, names)["query"]


def post(url, body):
    with urllib.request.urlopen(url, body, timeout=90) as reply:
        return json.loads(reply.read())


# tests/serving/test_microbatch.py has a query of this mode on classic Spark.
@pytest.mark.one_engine("connect")
def test_the_page(spark, pets, deck_model):
    fitted, wanted = deck_model
    query = served(spark, fitted, CHANGES)
    try:
        sent = [*pets[:2], b"not a picture"]
        with ThreadPoolExecutor(len(sent)) as pool:  # one micro-batch rather than three
            said = [pool.submit(post, query.address, body) for body in sent]
        found = [each.result()["probability"] for each in said[:2]]
        assert found == [pytest.approx(w, abs=1e-9) for w in wanted[:2]]
        with pytest.raises(urllib.error.HTTPError) as bad:
            said[2].result()
        assert bad.value.code == 422
    finally:
        query.stop()


def test_the_page_with_one_front_a_partition(spark, pets, deck_model, engine):
    fitted, wanted = deck_model
    query = served(spark, fitted, [*CHANGES, ("readStream.server", "readStream.continuousServer")])
    try:
        assert query.isActive
        assert query.exception() is None
        assert query.address.endswith("/leopard_detector")
        found = [post(query.address, p)["probability"] for p in pets]
        assert found == [pytest.approx(w, abs=1e-9) for w in wanted]
        with pytest.raises(urllib.error.HTTPError) as bad:
            post(query.address, b"not a picture")
        assert bad.value.code == 422
        end = time.monotonic() + 60
        while (query.lastProgress or {}).get("numInputRows", 0) < len(pets):
            assert time.monotonic() < end
            time.sleep(0.05)
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
