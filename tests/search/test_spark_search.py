"""The search stages on Spark, classic and Connect: searches, rows, downloads, near-duplicates."""

import pytest

import irbis
from irbis.errors import ParamError


def test_polite_providers_run_on_the_driver(spark, service):
    import answers

    from irbis.testing import Reply

    service.script("/v1/images/", Reply(body=answers.openverse(2)))
    service.clear()
    frame = spark.createDataFrame([(w,) for w in "abcd"], "query string").repartition(4)
    search = irbis.ImageSearch(provider="openverse", url=service.url, concurrency=9)
    assert search.transform(frame).where("size(output) = 1").count() == 4
    assert service.count("/v1/images/") == 4
    assert service.peak == service.connections == 1
    with pytest.raises(ParamError, match="stream"):
        search.transform(spark.readStream.format("rate").load().selectExpr("'a' AS query"))


def test_near_duplicates(spark, stand_ins):
    rows = [
        ("b", "00000000000000ff"),
        ("a", "00000000000000fe"),
        ("c", "f" * 16),
        ("d", None),
        ("e", None),
    ]
    frame = spark.createDataFrame(rows, "`u.r l` string, hash string").repartition(3)
    drop = irbis.DropNearDuplicates(orderCols=["u.r l"])
    assert sorted(r[0] for r in drop.transform(frame).collect()) == ["a", "c", "d", "e"]
    exact = drop.copy().setDistance(0).transform(frame)
    assert exact.count() == 5
    assert exact.columns == frame.columns
    with pytest.raises(ParamError, match="16 hex"):
        drop.transform(spark.createDataFrame([("a", "no hash")], "`u.r l` string, hash string"))
    with pytest.raises(ParamError, match="stream"):
        drop.transform(spark.readStream.format("rate").load().selectExpr("'a' `u.r l`", "'b' hash"))
