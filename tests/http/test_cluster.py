"""Workers of executors in processes of their own reach the service and send back what it said."""

import textwrap
from pathlib import Path

SCRIPT = textwrap.dedent(
    """
    from irbis import HTTPTransformer, JSONOutputParser, SimpleHTTPTransformer, http_udf, HTTPRequest
    from irbis.http.slots import tasks_at_once
    from irbis.testing import check_spark, fake_service

    assert tasks_at_once() == 2
    with fake_service() as service:
        frame = spark.range(0, 200, 1, 8)
        stage = SimpleHTTPTransformer(
            url=service.url + "/x?latency=0.01", inputCol="id", concurrency=8, retryMethods=["POST"],
            outputParser=JSONOutputParser(dataType="body string"),
        )
        rows = stage.transform(frame).collect()
        assert sorted(r.id for r in rows) == list(range(200))
        assert all(r.output.body == '{"id":%d}' % r.id for r in rows)
        assert service.count() == 200
        assert 8 < service.peak <= 16, service.peak  # both executors at once
        ask = http_udf(lambda i: HTTPRequest("GET", f"{service.url}/u/{i}"))
        assert frame.select(ask("id").alias("a")).where("a.error is null").count() == 200
        refused = stage.setUrl(service.refused_url).setMaxAttempts(2).transform(frame)
        kinds = {r.kind for r in refused.select("output_error.kind").collect()}
        assert kinds == {"connect"}
        import sys
        sys.path.insert(0, sys.argv[1])
        from http_cases import http_cases
        for name, (stage, _, rich, _) in http_cases(service).items():
            check_spark(stage, rich, spark)
    """
)


def test_two_executors(cluster):
    cluster.run(SCRIPT, Path(__file__).parents[1] / "contract")
