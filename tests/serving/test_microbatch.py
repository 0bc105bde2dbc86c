"""server and distributedServer: any Spark query, on classic Spark and on Connect."""

import json
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pyarrow as pa
import pytest
from processes import wait_for

from irbis.errors import ParamError, SchemaError


def post(url, body, timeout=160):
    request = urllib.request.Request(url, body, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def read(spark, mode, name, **options):
    reader = getattr(spark.readStream, mode)()
    return reader.address("127.0.0.1", 0, name).options(**options).load()


def together(url, bodies):
    found = [None] * len(bodies)

    def send(i):
        found[i] = post(url, bodies[i])

    threads = [threading.Thread(target=send, args=(i,)) for i in range(len(bodies))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def the_query_dies_of_a_request(query):
    """Alone and twice (test_mailbox.py: how it comes to be alone)."""
    status, said = post(query.address, b'{"key": "p"}')
    assert status == 500
    assert "error_id" in json.loads(said)
    assert b"secret" not in said
    assert query.restarts >= 1
    assert post(query.address, b'{"key": "b"}') == (200, b"BEE")


ON_CLASSIC = pytest.mark.one_engine("classic")  # test_continuous.py has this mode on Connect


# A query takes seconds to start, and so it does to start again: each engine has what is its own.
@pytest.mark.parametrize("mode", [pytest.param("server", marks=ON_CLASSIC), "distributedServer"])
def test_any_query_answers_and_nothing_is_left_open(spark, mode, tmp_path, engine):
    from pyspark.sql import functions as F

    killed = tmp_path / "killed"

    def shout(batches):
        import os
        import signal

        for batch in batches:
            words = batch.column("word").to_pylist()
            if "kill" in words and not killed.exists():
                killed.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            if "poison" in words:
                raise ValueError("the secret of the stage")
            loud = pa.array([w.upper() for w in words])
            yield pa.RecordBatch.from_arrays([batch.column("id"), loud], names=["id", "loud"])

    names = spark.createDataFrame([("a", "ant"), ("b", "bee"), ("k", "kill"), ("p", "poison")],
                                  "key string, word string")  # fmt: skip
    frame = read(spark, mode, "words", requestDeadline=150).parseRequest("key string")
    joined = frame.join(F.broadcast(names), "key").select("id", "word")
    query = (
        joined.mapInArrow(shout, "id string, loud string")
        .makeReply("loud")
        .writeStream.server()
        .replyTo("words")
        .start()
    )
    try:
        url = query.address
        assert post(url, b'{"key": "a"}') == (200, b"ANT")
        said = together(url, [b'{"key": "a"}', b'{"key": "b"}', b'{"key": "zzz"}', b'{"key": 1}'])
        assert said[:2] == [(200, b"ANT"), (200, b"BEE")]
        assert [s for s, _ in said[2:]] == [404, 400]
        if mode == "server":
            # A worker that is killed under a batch: the task is tried again, with its requests.
            assert [s for s, _ in together(url, [b'{"key": "k"}', b'{"key": "a"}'])] == [200, 200]
            assert killed.exists()
            # A query that ends is started again.
            query._query.stop()
            assert post(url, b'{"key": "b"}') == (200, b"BEE")
            assert query.restarts >= 1
        elif engine == "connect":
            the_query_dies_of_a_request(query)
        assert query.isActive
        assert wait_for(lambda: query.lastProgress is not None)
        base = url.rpartition("/")[0]
        with urllib.request.urlopen(f"{base}/metrics") as reply:
            assert "irbis_in_flight 0" in reply.read().decode()
    finally:
        query.stop()
    with pytest.raises(OSError):
        post(url, b"{}")
    assert not query.isActive
    assert query.exception() is None
    assert not Path(query._own_checkpoint).exists()


def test_what_is_wrong_is_said_early(spark):
    frame = read(spark, "server", "wrong").parseRequest("string")
    with pytest.raises(SchemaError, match="makeReply"):
        frame.makeReply("nothing")
    with pytest.raises(SchemaError, match="id"):
        frame.select("value").makeReply("value")
    with pytest.raises(ParamError, match="load"):
        spark.range(1).parseRequest("string")
    made = frame.makeReply("value").writeStream.server()
    with pytest.raises(ParamError, match="address"):
        made.replyTo("nobody")
    with pytest.raises(ParamError, match="replyTo"):
        made.start()
