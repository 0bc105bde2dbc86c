"""On Spark: look-ahead, expressions, the driver's side, streams that restart."""

import os
import sys
import time
from dataclasses import replace

import pytest
from pyspark import cloudpickle
from pyspark.sql import functions as F

from irbis import (
    CustomInputParser,
    HTTPRequest,
    HTTPTransformer,
    JSONOutputParser,
    PipelineModel,
    SimpleHTTPTransformer,
    StringOutputParser,
    http_udf,
)
from irbis.errors import ParamError, SchemaError
from irbis.fusion import HAS_ARROW_UDF
from irbis.http.columns import body_of, header_of, status_of, text_of, to_http_request
from irbis.testing import BEHAVIOURS, Reply

# Workers of a Connect server do not find the tests' modules.
cloudpickle.register_pickle_by_value(sys.modules[__name__])
arrow_udf = pytest.mark.skipif(not HAS_ARROW_UDF, reason="arrow_udf is of Spark 4.1")


def simple(url, **params):
    return SimpleHTTPTransformer(
        url=url, inputCol="id", outputParser=JSONOutputParser(dataType="body string"), **params
    )


def test_calls_run_ahead_of_the_batches_spark_hands_over(service, spark):
    before = spark.conf.get("spark.sql.execution.arrow.maxRecordsPerBatch")
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "2")
    try:
        service.clear()
        frame = spark.range(0, 40, 1, 1)
        rows = (
            simple(service.url + "/ahead?latency=0.05", concurrency=10).transform(frame).collect()
        )
    finally:
        spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", before)
    assert [r.id for r in rows] == list(range(40))
    assert all(r.output_error is None for r in rows)
    assert 2 < service.peak <= 10
    assert service.count() == 40  # each once
    assert service.connections <= 10


def test_no_fault_kills_the_job(service, spark):
    paths = [f"/kill/{how}?how={how}&size=100" for how in BEHAVIOURS] * 2
    rows = [(i, service.url + p) for i, p in enumerate(paths)]
    rows += [(90, None), (91, "nowhere"), (92, service.refused_url)]
    frame = spark.createDataFrame(rows, "id int, input string").repartition(3)
    stage = SimpleHTTPTransformer(
        inputParser=CustomInputParser(udf="irbis.http.request:get"),
        outputParser=StringOutputParser(),
        timeout=0.8,
        readTimeout=0.4,
        deadline=1.5,
        backoff=0.0,
        maxAttempts=2,
        maxResponseBytes=100_000,
    )
    out = stage.transform(frame).collect()
    assert sorted(r.id for r in out) == [r[0] for r in rows]
    for row in out:
        assert (row.output is None) == (row.output_error is not None)

    def said(rows):
        found = {r.id: (r.output, r.output_error) for r in rows}
        # A message may tell at which byte a connection ended: that is the network's affair.
        return {i: (o, e and (e.kind, e.status, e.attempts)) for i, (o, e) in found.items()}

    # The driver's side says the same.
    driver = stage.copy().setExecution("driver").transform(frame)
    assert driver.schema == stage.transform(frame).schema
    assert said(driver.collect()) == said(out)


@arrow_udf
def test_an_expression_that_calls(service, spark):
    service.clear()
    ask = http_udf(
        lambda i, word: (
            word and HTTPRequest.make("GET", f"{service.url}/udf/{i}", params={"w": word})
        ),
        concurrency=5,
    )
    frame = spark.createDataFrame(
        [(i, "w" if i % 5 else None) for i in range(20)], "i int, w string"
    )
    out = frame.withColumn("answer", ask("i", F.col("w"))).where("answer.error is null")
    rows = out.select("i", status_of(F.col("answer.response")).alias("status"), "answer").collect()
    assert sorted(r.i for r in rows) == [i for i in range(20) if i % 5]
    assert {r.status for r in rows} == {200}
    assert service.count() == 16  # the filter does not make Spark call again
    one = http_udf(lambda url: HTTPRequest("GET", url), maxAttempts=1)
    errors = spark.createDataFrame([(service.refused_url,), (None,)], "url string")
    kinds = [r.answer.error.kind for r in errors.select(one("url").alias("answer")).collect()]
    assert sorted(kinds) == ["connect", "request"]
    with pytest.raises(ParamError):
        http_udf(lambda url: None, execution="driver")


@arrow_udf
def test_requests_of_columns_and_answers_as_columns(service, spark):
    frame = spark.createDataFrame(
        [(1, "a b", bytearray(b"\0\1")), (2, None, None)], "id int, text string, raw binary"
    ).repartition(1)
    base = service.url + "/columns"
    made = {
        "json": to_http_request(base, "POST", json=F.struct("id", "text")),
        "form": to_http_request(F.lit(base), F.lit("PUT"), form=F.struct("text")),
        "bytes": to_http_request(base, "POST", body=F.col("raw"), headers={"X-A": "1"}),
        "query": to_http_request(base, params=F.struct("id", "text")),
        "files": to_http_request(base, "POST", files=F.struct("raw"), form={"a": 1}),
        "same": to_http_request(base),
        "none": to_http_request(F.col("text")),
    }
    for name, request in made.items():
        out = HTTPTransformer().transform(frame.withColumn("request", request)).orderBy("id")
        answer = F.col("response")
        rows = out.select(
            status_of(answer).alias("status"),
            text_of(answer).alias("text"),
            body_of(answer).alias("body"),
            header_of(answer, "content-TYPE").alias("type"),
            "response_error",
        ).collect()
        if name == "none":
            assert [r.response_error.kind for r in rows] == ["null", "null"]
            continue
        assert [(r.status, r.type) for r in rows] == [(200, "application/json")] * 2
        assert rows[0].body.decode() == rows[0].text
    seen = {s.headers.get("content-type", s.query): s.body for s in service.requests if s.body}
    assert seen["application/json"] in (b'{"id":1,"text":"a b"}', b'{"id":2,"text":null}')
    assert b"text=a+b" in [s.body for s in service.requests]
    assert b"\0\1" in [s.body for s in service.requests if s.headers.get("x-a") == "1"]
    assert {"id=1&text=a+b", "id=2"} <= {s.query for s in service.requests}
    assert any(s.headers.get("content-type", "").startswith("multipart/") for s in service.requests)


def who_calls(send, request):
    return send(replace(request, headers=(*request.headers, ("X-Pid", str(os.getpid())))))


def test_from_the_driver(service, spark):
    service.clear()
    frame = spark.range(6).withColumn("t", F.current_timestamp())
    stage = simple(service.url + "/driver", execution="driver", handler=who_calls)
    out = PipelineModel([stage, simple(service.url + "/worker", outputCol="two")]).transform(frame)
    assert out.columns == ["id", "t", "output", "output_error", "two", "two_error"]
    assert out.schema["t"] == frame.schema["t"]
    rows = out.collect()
    assert sorted(r.output.body for r in rows) == [f'{{"id":{i}}}' for i in range(6)]
    pids = {s.headers.get("x-pid") for s in service.requests if s.path == "/driver"}
    assert pids == {str(os.getpid())}
    simple(service.url + "/there", handler=who_calls).transform(frame).collect()
    pids = {s.headers.get("x-pid") for s in service.requests if s.path == "/there"}
    assert str(os.getpid()) not in pids
    with pytest.raises(ParamError, match="foreachBatch"):
        stage.transform(spark.readStream.format("rate").load().selectExpr("value as id"))
    from pyspark.ml.linalg import Vectors

    vectors = spark.createDataFrame([(1, Vectors.dense([1.0]))], ["id", "v"])
    with pytest.raises(SchemaError, match="vector_to_array"):
        stage.transform(vectors)


def test_a_limit_is_shared_by_tasks(service, spark):
    """20 a second for the query: two tasks at a time, each of them with every tenth of a second."""
    arrived = []

    def note(seen):
        arrived.append(time.monotonic())
        return Reply(body={"body": ""})

    url = service.script("/limit", note)
    stage = simple(url, requestsPerSecond=20.0, concurrency=20)
    assert stage.settings().slots == 2  # local[2]
    begun = time.monotonic()
    rows = stage.transform(spark.range(0, 40, 1, 2)).collect()
    assert all(r.output_error is None for r in rows)
    # A slow machine makes it later, nothing makes it earlier.
    assert len(arrived) == 40
    assert max(arrived) - begun >= 19 * 0.1


@arrow_udf
def test_an_expression_takes_large_answers_in_pieces(service, spark):
    ask = http_udf(lambda i: HTTPRequest("GET", f"{service.url}/big/{i}?size={1_000_000 + i}"))
    frame = spark.range(0, 24, 1, 1).select("id", ask("id").alias("a"))
    sizes = frame.select("id", F.length(body_of(F.col("a.response"))).alias("n"), "a.error")
    assert [(r.id, r.n) for r in sizes.collect()] == [(i, 1_000_000 + i) for i in range(24)]


@pytest.mark.one_engine("classic")
def test_a_stream_that_restarts_loses_nothing(service, spark, tmp_path):
    """Stopped in the middle of its calls, three times; every value arrives, none is missing."""
    url = service.script("/stream", Reply(body={"body": "there"}, latency=0.01))
    source = spark.readStream.format("rate").option("rowsPerSecond", 40).load()
    stage = simple(url).setInputCol("value")
    target, checkpoint = str(tmp_path / "out"), str(tmp_path / "checkpoint")
    for _ in range(3):
        service.clear()
        query = (
            stage.transform(source)
            .writeStream.format("parquet")
            .option("checkpointLocation", checkpoint)
            .start(target)
        )
        for _ in range(600):
            if service.count() >= 60 or query.exception() is not None:
                break
            query.awaitTermination(0.1)
        assert query.exception() is None
        query.stop()  # in the middle of a batch, which Spark may then report as one
    query = (
        stage.transform(source)
        .writeStream.format("parquet")
        .option("checkpointLocation", checkpoint)
        .trigger(availableNow=True)
        .start(target)
    )
    assert query.awaitTermination(120)
    rows = spark.read.parquet(target).collect()
    values = sorted(r.value for r in rows)
    assert len(values) > 100
    assert values == list(range(len(values)))  # each once, without a gap
    assert all(r.output.body == "there" and r.output_error is None for r in rows)
