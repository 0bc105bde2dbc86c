"""Mini-batches on Spark: every type both ways, one pass around HTTP, faults, partitions, streams."""

import json
import re
import sys

import pyarrow as pa
import pytest
from pyspark import cloudpickle
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.functions import array_to_vector
from pyspark.ml.linalg import Matrices, MatrixUDT, Vectors, VectorUDT
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StructField, StructType

from irbis import (
    DynamicMiniBatchTransformer,
    FixedMiniBatchTransformer,
    FlattenBatch,
    JSONOutputParser,
    PartitionConsolidator,
    Pipeline,
    PipelineModel,
    SimpleHTTPTransformer,
    TimeIntervalMiniBatchTransformer,
)
from irbis.schema import put
from irbis.stage import Stage
from irbis.testing import Reply

# Workers of a Connect server do not find the tests' modules.
cloudpickle.register_pickle_by_value(sys.modules[__name__])
PYTHON_NODES = re.compile(r"\b(ArrowEvalPython|BatchEvalPython|MapInArrow|MapInPandas)\b")
BATCHERS = [
    FixedMiniBatchTransformer(batchSize=3),
    FixedMiniBatchTransformer(batchSize=2, buffered=True),
    DynamicMiniBatchTransformer(maxBatchSize=3),
    TimeIntervalMiniBatchTransformer(millisToWait=1),
]


def doubled(seen):
    """A service that doubles a list of numbers; it refuses 13, and forgets an answer at 17."""
    values = json.loads(seen.body)
    if 13 in values:
        return Reply(500)
    return Reply(body=[2 * v for v in values if v != 17])


def doubling(service, **params):
    url = service.script("/double", doubled)
    return SimpleHTTPTransformer(
        url=url,
        inputCol="id",
        outputParser=JSONOutputParser(dataType="array<long>"),
        backoff=0.0,
        **params,
    )


def plan_of(frame, capsys):
    capsys.readouterr()
    frame.explain()
    return capsys.readouterr().out


def of_many_types(spark):
    """Everything that Spark sends to Python, null in some rows, impossible in one column."""
    values = {
        "short": "cast(id as short)",
        "fraction": "case when id % 2 = 0 then double('nan') else -0.0d end",
        "money": "cast(id as decimal(30, 4)) / 8",
        "flag": "id > 2",
        "day": "date_add(date'1900-01-01', int(id))",
        "time": "timestamp'2024-05-06 07:08:09.123456'",
        "local": "timestamp_ntz'1969-05-06 07:08:09.000001'",
        "took": "make_dt_interval(int(id), 1, 2, 3.5)",
        "raw": "cast(concat('x', id) as binary)",
        "list": "array(id, null, array_max(array(id)))",
        "lists": "array(array(named_struct('a', id)), null, array())",
        "map": "map('k', array(id), 'null', null)",
        "nested": "named_struct('p', named_struct('q', map(id, named_struct('r', 'text'))))",
        "variant": "parse_json('{\"a\": [1, null]}')",
        "void": "null",
    }
    frame = spark.range(0, 7, 1, 2)  # id admits no null
    for name, value in values.items():
        made = F.expr(value)
        # Each column is null somewhere else.
        at = len(frame.columns) % 7
        frame = frame.withColumn(name, made if name == "void" else F.when(F.col("id") != at, made))
    schema = StructType(
        [
            StructField("k", LongType(), False),
            StructField("vector", VectorUDT()),
            StructField("matrix", MatrixUDT()),
        ]
    )
    special = [
        (i, v, m)
        for i, (v, m) in enumerate(
            [
                (Vectors.dense([1.0, -0.0]), Matrices.dense(1, 2, [1.0, 2.0])),
                (None, None),
                (Vectors.sparse(4, [1], [2.0]), Matrices.sparse(2, 2, [0, 1, 1], [1], [3.0])),
            ]
        )
    ]
    joined = frame.join(spark.createDataFrame(special, schema), F.col("id") == F.col("k"), "left")
    return joined.drop("k").repartition(2, "id")


def rows_of(frame):
    return [repr(r) for r in frame.orderBy("id").collect()]


@pytest.mark.one_engine("classic")
def test_flatten_is_the_inverse_for_every_type(spark):
    frame = of_many_types(spark)
    expected = rows_of(frame)
    for batcher in BATCHERS[:3]:
        fused = PipelineModel([batcher, FlattenBatch()]).transform(frame)
        assert fused.schema == frame.schema
        batched = batcher.transform(frame)
        assert batched.columns == frame.columns
        for field in batched.schema.fields:
            assert field.dataType.elementType == frame.schema[field.name].dataType
        apart = FlattenBatch().transform(batched)
        assert [f.dataType for f in apart.schema.fields] == [
            f.dataType for f in frame.schema.fields
        ]
        assert rows_of(fused) == expected
        assert rows_of(apart) == expected


def test_spark_reads_the_vectors_of_a_list(spark):
    frame = of_many_types(spark).select("id", "vector").repartition(1).sortWithinPartitions("id")
    batched = FixedMiniBatchTransformer(batchSize=10).transform(frame)
    found = batched.select(F.posexplode("vector")).orderBy("pos").collect()
    assert [r["col"] for r in found] == [
        Vectors.dense([1.0, -0.0]), None, Vectors.sparse(4, [1], [2.0]), *[None] * 4
    ]  # fmt: skip


@pytest.mark.parametrize("batcher", BATCHERS, ids=lambda b: type(b).__name__)
def test_a_service_is_called_in_batches_in_one_pass(batcher, service, spark, capsys):
    service.clear()
    frame = spark.range(0, 10, 1, 2).withColumn("text", F.col("id").cast("string"))
    model = PipelineModel([batcher, doubling(service), FlattenBatch()])
    out = model.transform(frame)
    assert out.columns == ["id", "text", "output", "output_error"]
    assert out.schema["output"].dataType == LongType()
    assert PYTHON_NODES.findall(plan_of(out, capsys)) == ["MapInArrow"]
    rows = out.collect()
    assert [(r.id, r.text, r.output) for r in rows] == [(i, str(i), 2 * i) for i in range(10)]
    assert all(r.output_error is None for r in rows)
    asked = [json.loads(s.body) for s in service.requests]
    assert sorted(v for values in asked for v in values) == list(range(10))
    if isinstance(batcher, FixedMiniBatchTransformer):
        size = batcher.getBatchSize()
        each = [size] * (5 // size) + [5 % size]
        assert sorted(map(len, asked)) == sorted(2 * each)


def test_a_batch_that_fails_is_rows_that_say_so(service, spark):
    frame = spark.range(10, 22, 1, 1)
    stages = [FixedMiniBatchTransformer(batchSize=3), doubling(service), FlattenBatch()]
    rows = PipelineModel(stages).transform(frame).collect()
    assert [r.id for r in rows] == list(range(10, 22))
    assert [r.output for r in rows] == [
        20, 22, 24,  None, None, None,  32, 36, None,  38, 40, 42
    ]  # fmt: skip
    kinds = [r.output_error and r.output_error.kind for r in rows]
    assert kinds == [None] * 3 + ["status"] * 3 + ["lengths"] * 3 + [None] * 3
    assert "id 3, output 2" in rows[6].output_error.message


class Raising(Stage):
    """A stage that fails the job at its second batch of lists."""

    def input_columns(self):
        return ["id"]

    def output_fields(self, schema):
        return [pa.field("y", pa.int64())]

    def make_function(self):
        return RaisingFunction()


class RaisingFunction:
    def __call__(self, batch):
        if batch.column("id")[0].as_py()[0] > 0:
            raise ValueError("on purpose")
        return put(batch, "y", pa.nulls(batch.num_rows, pa.int64()))


def test_a_job_that_fails_while_a_thread_reads_ahead_ends(spark):
    frame = spark.range(0, 200_000, 1, 2)
    for batcher in (BATCHERS[1], DynamicMiniBatchTransformer(maxBatchSize=2)):
        with pytest.raises(Exception, match="on purpose"):
            PipelineModel([batcher, Raising()]).transform(frame).collect()
    good = PipelineModel([BATCHERS[1], FlattenBatch()]).transform(frame)
    assert good.count() == 200_000  # workers are none the worse


def test_lists_end_with_their_partition_not_with_arrows_batches(spark):
    name = "spark.sql.execution.arrow.maxRecordsPerBatch"
    before = spark.conf.get(name)
    spark.conf.set(name, "4")
    try:
        frame = spark.range(0, 20, 1, 2)
        fixed = FixedMiniBatchTransformer(batchSize=7).transform(frame).collect()
        assert [r.id for r in fixed] == [
            list(range(7)), [7, 8, 9], list(range(10, 17)), [17, 18, 19]
        ]  # fmt: skip
        dynamic = DynamicMiniBatchTransformer().transform(frame).collect()
        assert [v for r in dynamic for v in r.id] == list(range(20))
        assert all(r.id[0] % 10 in (0, 4, 8) for r in dynamic)
    finally:
        spark.conf.set(name, before)


def test_a_fit_finds_what_went_through_lists(service, spark):
    # The fit reads features and label; the stages between need the id, which only lists hold.
    vectors = spark.range(0, 24, 1, 2).select(
        "id",
        F.expr("double(id > 11) as label"),
        array_to_vector(F.expr("array(double(id))")).alias("features"),
        F.lit("x").alias("other"),
    )
    batched = [FixedMiniBatchTransformer(batchSize=5), doubling(service), FlattenBatch()]
    model = Pipeline(stages=[*batched, LogisticRegression(maxIter=5)]).fit(vectors)
    out = model.transform(vectors).select("id", "output", "prediction").collect()
    assert sorted((r.id, r.output) for r in out if r.id < 10) == [(i, 2 * i) for i in range(10)]
    assert len(out) == 24


def test_odd_names(spark):
    frame = spark.range(0, 4, 1, 1).toDF("a.`b c").withColumn("ü", F.lit("x"))
    out = PipelineModel([FixedMiniBatchTransformer(batchSize=3), FlattenBatch()]).transform(frame)
    assert out.columns == frame.columns
    assert [tuple(r) for r in out.collect()] == [(i, "x") for i in range(4)]


def partitions_of(frame):
    found = frame.withColumn("at", F.spark_partition_id()).collect()
    return [[r for r in found if r["at"] == p] for p in sorted({r["at"] for r in found})]


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_partitions(count, shuffle, spark):
    frame = spark.range(0, 80, 1, 8).withColumn("origin", F.spark_partition_id())
    out = PartitionConsolidator(partitions=count, shuffle=shuffle).transform(frame)
    parts = partitions_of(out)
    assert len(parts) <= count
    assert sorted(r.id for part in parts for r in part) == list(range(80))
    for part in parts:
        for origin in {r.origin for r in part}:
            # All rows of a partition, together and in order.
            at = [i for i, r in enumerate(part) if r.origin == origin]
            assert at == list(range(at[0], at[0] + 10))
            assert [part[i].id for i in at] == list(range(10 * origin, 10 * origin + 10))
    if hasattr(frame, "repartitionById") or count == 1:
        assert len(parts) == count
    same = PartitionConsolidator(partitions=20, shuffle=False).transform(frame)
    assert len(partitions_of(same)) == 8


def test_a_strict_service_sees_few_requests_at_a_time(service, spark, capsys):
    service.clear()
    frame = spark.range(0, 40, 1, 8)
    stages = [
        PartitionConsolidator(),
        FixedMiniBatchTransformer(batchSize=4),
        doubling(service, concurrency=1),
        FlattenBatch(),
    ]
    out = PipelineModel(stages).transform(frame)
    assert PYTHON_NODES.findall(plan_of(out, capsys)) == ["MapInArrow"]
    assert sorted(r.output or 0 for r in out.collect() if r.id not in range(12, 20)) == sorted(
        2 * i for i in range(40) if i not in range(12, 20)
    )
    assert service.peak == 1


@pytest.mark.parametrize("consolidated", [False, True])
def test_streams(consolidated, service, spark, tmp_path):
    frame = spark.range(20, 80, 1, 4)
    frame.write.parquet(str(tmp_path / "in"))
    stages = [FixedMiniBatchTransformer(batchSize=7), doubling(service), FlattenBatch()]
    if consolidated:
        stages.insert(0, PartitionConsolidator(partitions=2))
    stream = spark.readStream.schema(frame.schema).parquet(str(tmp_path / "in"))
    query = (
        PipelineModel(stages)
        .transform(stream)
        .writeStream.format("parquet")
        .option("checkpointLocation", str(tmp_path / "checkpoint"))
        .trigger(availableNow=True)
        .start(str(tmp_path / "out"))
    )
    assert query.awaitTermination(300)
    assert query.exception() is None
    rows = spark.read.parquet(str(tmp_path / "out")).orderBy("id").collect()
    assert [(r.id, r.output) for r in rows] == [(i, 2 * i) for i in range(20, 80)]
