"""EnsembleByKey in a stream: closed groups are the batch's, over micro-batches and a restart."""

import time
from datetime import UTC, datetime, timedelta

import pytest

import pictures
from irbis import EnsembleByKey, PipelineModel, UnrollImage
from irbis.errors import SchemaError
from irbis.testing import to_spark

START = datetime(2024, 5, 1, tzinfo=UTC)
SCHEMA = "burst string, `taken at` timestamp, image binary, x double, s string"
# (burst, minutes, picture, x, s): bursts overlap, one comes late but not too late, one is broken.
FIRST = [
    [("a", 0, 0, 1.0, "cat"), ("b", 1, 1, 5.0, "dog"), (None, 1, 2, None, "cat")],
    [("a", 2, 3, 3.0, "cat"), ("a", 3, None, None, "dog"), ("b", 0, 1, 0.5, "cat")],
]
SECOND = [
    [("a", 8, 0, 8.0, "dog"), ("c", 60, 2, 1.0, None)],
    [("c", 62, 2, 4.0, "fox"), ("d", 66, 1, -1.0, "eel")],
]
LAST = [[("end", 600, 0, 0.0, "end")], [("end", 601, 0, 0.0, "end")]]


def write(spark, batches, folder):
    for batch in batches:
        rows = [
            (
                b,
                START + timedelta(minutes=m),
                None if p is None else bytearray(pictures.GOOD[p]),
                x,
                s,
            )
            for b, m, p, x, s in batch
        ]
        spark.createDataFrame(rows, SCHEMA).coalesce(1).write.mode("append").parquet(folder)
        time.sleep(0.05)  # the source orders files by time


def plain(rows):
    return sorted(
        (tuple(v.toArray().tolist() if hasattr(v, "toArray") else v for v in row) for row in rows),
        key=repr,
    )


@pytest.fixture
def few_partitions(spark):
    """A state store a partition and a batch: few of them keep the test short."""
    before = spark.conf.get("spark.sql.shuffle.partitions")
    spark.conf.set("spark.sql.shuffle.partitions", "2")
    yield
    spark.conf.set("spark.sql.shuffle.partitions", before)


@pytest.mark.parametrize(
    "strategy",
    [
        pytest.param("mean", marks=pytest.mark.one_engine("connect")),
        pytest.param("vote", marks=pytest.mark.one_engine("classic")),
    ],
)
@pytest.mark.usefixtures("few_partitions")
def test_closed_groups_are_the_batchs(strategy, spark, tmp_path):
    unroll = UnrollImage(width=2, height=2, outputCol="v")
    stage = EnsembleByKey(
        keys=["burst"],
        cols=["v", "x", "s"] if strategy == "vote" else ["v", "x"],
        strategy=strategy,
        eventTimeCol="taken at",
        watermark="10 minutes",
    )
    model = PipelineModel([unroll, stage])
    source, sink = str(tmp_path / "in"), str(tmp_path / "out")

    def run():
        stream = spark.readStream.schema(SCHEMA).option("maxFilesPerTrigger", 1).parquet(source)
        query = (
            model.transform(stream)
            .writeStream.format("parquet")
            .outputMode("append")
            .option("checkpointLocation", str(tmp_path / "checkpoint"))
            .trigger(availableNow=True)
            .start(sink)
        )
        query.awaitTermination(300)
        assert query.exception() is None, query.exception()
        return spark.read.parquet(sink).collect()

    write(spark, FIRST, source)
    assert run() == []  # all still open
    write(spark, SECOND, source)
    found = run()  # from the checkpoint: the groups of the first files live on
    assert {r["burst"] for r in found} == {"a", "b", None}
    write(spark, LAST, source)
    found = run()
    # As the pictures of all files, at once; "end" is not closed.
    batch = model.transform(spark.read.parquet(source).where("burst is null or burst != 'end'"))
    assert spark.read.parquet(sink).columns == batch.columns
    assert plain(found) == plain(batch.collect())
    assert len(found) == 5


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({}, 'without eventTimeCol and watermark.*"append".*"update" and "complete" no group'),
        ({"eventTimeCol": "t"}, "without watermark"),
        ({"watermark": "1 hour"}, "without eventTimeCol"),
        (
            {"eventTimeCol": "t", "watermark": "1 hour", "collapseGroup": False},
            "collapseGroup=True",
        ),
        ({"eventTimeCol": "k", "watermark": "1 hour"}, "k: string; expected a timestamp"),
        ({"eventTimeCol": "no", "watermark": "1 hour"}, "no column named 'no'"),
    ],
)
def test_what_no_stream_can_answer_is_said_early(params, says, spark, tmp_path):
    (tmp_path / "in").mkdir()
    stream = spark.readStream.schema("k string, x double, t timestamp").parquet(
        str(tmp_path / "in")
    )
    with pytest.raises(SchemaError, match=says):
        EnsembleByKey(keys=["k"], cols=["x"], **params).transform(stream)


def test_times_change_nothing_in_a_batch(spark):
    import pyarrow as pa

    table = pa.table({"k": [1, 1], "x": [1.0, 2.0]})
    stage = EnsembleByKey(keys=["k"], cols=["x"], eventTimeCol="no", watermark="1 second")
    assert [tuple(r) for r in stage.transform(to_spark(spark, table)).collect()] == [(1, 1.5)]
