"""continuousServer on classic Spark and on Connect; the deck's page is in tests/e2e."""

import json
import os
import signal
import time
import urllib.request

import pytest
from killing import BACK_WITHIN
from load import Load, post
from processes import wait_for

import irbis
from irbis.errors import ParamError, SchemaError


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
