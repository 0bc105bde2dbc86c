"""Workers of executors in processes of their own: the contract, both executors at once, no secret in
their logs. With IRBIS_SLOW=1: the whole contract of every stage of the room, which takes minutes."""

import os
import textwrap
from pathlib import Path

TESTS = Path(__file__).parents[1]
SECRET = "s3cr3t-t0ken"
SCRIPT = textwrap.dedent(
    """
    import sys
    from irbis import HTTPTransformer, JSONOutputParser, SimpleHTTPTransformer, http_udf, HTTPRequest
    from irbis.http.slots import tasks_at_once
    from irbis.testing import check_spark, check_streaming, fake_service

    secret = sys.argv[1]
    assert tasks_at_once() == 2
    shuffle = spark.conf.get("spark.sql.shuffle.partitions")
    spark.conf.set("spark.sql.shuffle.partitions", "2")
    with fake_service() as service:
        frame = spark.range(0, 200, 1, 8)
        stage = SimpleHTTPTransformer(
            url=service.url + "/x?latency=0.01", inputCol="id", concurrency=8, retryMethods=["POST"],
            outputParser=JSONOutputParser(dataType="body string"),
            headers={"Authorization": secret},
        )
        rows = stage.transform(frame).collect()
        assert sorted(r.id for r in rows) == list(range(200))
        assert all(r.output.body == '{"id":%d}' % r.id for r in rows)
        assert service.count() == 200
        assert 8 < service.peak <= 16, service.peak  # both executors at once
        ask = http_udf(lambda i: HTTPRequest("GET", f"{service.url}/u/{i}"))
        assert frame.select(ask("id").alias("a")).where("a.error is null").count() == 200
        refused = stage.setUrl(service.refused_url + f"?code={secret}").setMaxAttempts(2)
        kinds = {r.kind for r in refused.transform(frame).select("output_error.kind").collect()}
        assert kinds == {"connect"}
        try:
            refused.copy().setErrors("raise").transform(frame).collect()
        except Exception as error:
            assert "connect: no connection" in str(error) and secret not in str(error)
        else:
            raise AssertionError("it should have raised")
        sys.path.insert(0, sys.argv[2])
        from batching_cases import batching_cases
        from http_cases import http_cases
        every = {**http_cases(service), **batching_cases()}
        short = {
            "SimpleHTTPTransformer": [check_spark],
            "FlattenBatch": [check_streaming],
            "PartitionConsolidator": [check_spark],
        }
        whole = dict.fromkeys(every, [check_spark, check_streaming])
        for name, checks in (whole if len(sys.argv) > 3 else short).items():
            for check in checks:
                check(every[name][0], every[name][2], spark=spark)
    spark.conf.set("spark.sql.shuffle.partitions", shuffle)
    """
)


def test_two_executors(cluster):
    whole = ["whole"] if os.environ.get("IRBIS_SLOW") else []
    said = cluster.run(SCRIPT, SECRET, TESTS / "contract", *whole)
    assert SECRET not in said
    logs = [p for p in cluster.logs.rglob("*") if p.is_file()]
    assert any("RowError" in p.read_text(errors="replace") for p in logs)  # the right files
    assert not any(SECRET in p.read_text(errors="replace") for p in logs)
