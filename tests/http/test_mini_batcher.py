"""SimpleHTTPTransformer with a miniBatcher: a list of values a request, rows in are rows out."""

import json

import pyarrow as pa
import pytest

from irbis import (
    CustomInputParser,
    DynamicMiniBatchTransformer,
    FixedMiniBatchTransformer,
    HTTPRequest,
    JSONOutputParser,
    SimpleHTTPTransformer,
    StringOutputParser,
    TimeIntervalMiniBatchTransformer,
)
from irbis.errors import ParamError, RowError, SchemaError
from irbis.testing import Reply, check_spark, check_stage, check_streaming

SCHEMA = pa.schema(
    [pa.field("id", pa.int64(), nullable=False), ("n", pa.int64()), ("list", pa.list_(pa.int8()))]
)
TABLE = pa.table(
    {"id": range(7), "n": [1, 2, None, 4, 5, 6, 7], "list": [[1], [], None, [2], [3], None, [4]]},
    schema=SCHEMA,
)
BATCHERS = [
    FixedMiniBatchTransformer(batchSize=3),
    FixedMiniBatchTransformer(batchSize=2, buffered=True),
    DynamicMiniBatchTransformer(maxBatchSize=2),
    TimeIntervalMiniBatchTransformer(millisToWait=1),
]


def doubled(seen):
    return Reply(body=[None if v is None else 2 * v for v in json.loads(seen.body)])


def doubling(service, batcher=BATCHERS[0], **params):
    return SimpleHTTPTransformer(
        url=service.script("/batched/double", doubled),
        inputCol="n",
        outputParser=JSONOutputParser(dataType="array<long>"),
        miniBatcher=batcher,
        backoff=0.0,
        **params,
    )


@pytest.mark.parametrize("batcher", BATCHERS, ids=lambda b: type(b).__name__)
def test_each_row_gets_its_value(service, batcher):
    out = doubling(service, batcher).transform(TABLE)
    assert out.schema.field("id").nullable is False
    assert out.schema.field("output").type == pa.int64()
    assert out.select(SCHEMA.names).equals(TABLE)
    assert out["output"].to_pylist() == [2, 4, None, 8, 10, 12, 14]
    assert out["output_error"].null_count == 7


def test_a_request_a_list(service):
    service.clear()
    check = doubling(service)
    check.transform(TABLE)
    assert [s.body for s in service.requests] == [b"[1,2,null]", b"[4,5,6]", b"[7]"]
    check_stage(check, TABLE)


def test_answers_that_do_not_fit_fail_their_rows_and_no_others(service):
    replies = Reply(body=[1, 2]), Reply(body=[1, 2, 3, 4]), Reply(500)
    url = service.script("/batched/wrong", *replies)
    out = doubling(service, concurrency=1).setUrl(url).transform(TABLE)
    assert out["id"].to_pylist() == list(range(7))
    assert out["output"].null_count == 7
    kinds = [e["kind"] for e in out["output_error"].to_pylist()]
    assert kinds == ["lengths"] * 6 + ["status"]
    assert out["output_error"][0].as_py()["message"] == "2 values in answer to a list of 3"
    url = service.script("/batched/wrong", *replies)
    strict = doubling(service, concurrency=1, errors="raise", errorCol=None).setUrl(url)
    with pytest.raises(RowError, match="lengths: 2 values"):
        strict.transform(TABLE)


def test_other_answers_are_repeated(service):
    stage = doubling(service).setOutputParser(StringOutputParser())
    out = stage.transform(TABLE.slice(0, 4))
    assert out["output"].to_pylist() == ["[2, 4, null]"] * 3 + ["[8]"]


def test_a_list_with_a_value_that_json_lacks_fails_as_one(service):
    table = pa.table({"n": [1.0, float("nan"), 3.0, 4.0]})
    stage = doubling(service, FixedMiniBatchTransformer(batchSize=2))
    out = stage.setOutputParser(JSONOutputParser(dataType="array<double>")).transform(table)
    assert [e and e["kind"] for e in out["output_error"].to_pylist()] == [
        "request", "request", None, None
    ]  # fmt: skip
    assert out["output"].to_pylist() == [None, None, 6.0, 8.0]


def test_a_custom_parser_gets_the_list(service):
    stage = SimpleHTTPTransformer(
        inputCol="n",
        inputParser=CustomInputParser(
            udf=lambda values: HTTPRequest.make(
                "GET", service.url + "/batched/custom", params={"n": values}
            )
        ),
        outputParser=JSONOutputParser(dataType="query string"),
        miniBatcher=FixedMiniBatchTransformer(batchSize=4),
    )
    out = stage.transform(TABLE)
    assert [r["query"] for r in out["output"].to_pylist()] == ["n=1&n=2&n=4"] * 4 + [
        "n=5&n=6&n=7"
    ] * 3


def test_lists_may_stay(service):
    stage = doubling(service).setFlattenOutputBatches(False)
    out = stage.transform(TABLE)
    assert out["output"].to_pylist() == [[2, 4, None], [8, 10, 12], [14]]
    assert out["id"].to_pylist() == [[0, 1, 2], [3, 4, 5], [6]]
    assert out.schema.equals(stage.output_schema(TABLE.schema))
    assert (stage.rows, stage.reads_all) == ("many", True)


def test_no_rows(service):
    for flat in (True, False):
        stage = doubling(service, flattenOutputBatches=flat)
        out = stage.transform(TABLE.slice(0, 0))
        assert out.num_rows == 0
        assert out.schema.equals(stage.output_schema(TABLE.schema))


def test_mistakes_are_early(service):
    with pytest.raises(ParamError, match="miniBatcher"):
        SimpleHTTPTransformer(miniBatcher=10)
    twice = pa.Table.from_arrays([pa.array([1])] * 3, names=["n", "a", "a"])
    with pytest.raises(SchemaError):
        doubling(service).transform(twice)


@pytest.mark.one_engine("classic")
def test_on_spark(service, spark):
    stage = doubling(service)
    check_spark(stage, TABLE, spark)
    check_streaming(stage, TABLE, spark)
    frame = spark.range(10, 20, 1, 2).withColumnRenamed("id", "n")
    lists = doubling(service, flattenOutputBatches=False).transform(frame).collect()
    assert sorted((r.n, r.output) for r in lists) == [
        ([10, 11, 12], [20, 22, 24]), ([13, 14], [26, 28]),
        ([15, 16, 17], [30, 32, 34]), ([18, 19], [36, 38]),
    ]  # fmt: skip
