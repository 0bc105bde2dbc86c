"""Fusion's edges: odd names, replaced columns, bad rows that raise, and one evaluation."""

import pyarrow as pa
import pytest

import pictures
from irbis import (
    ImageSetAugmenter,
    PerceptualHash,
    PipelineModel,
    UnrollImage,
    fusion,
)
from irbis.planning import Foreign, Relation, Run, plan
from irbis.testing import to_spark

MODES = [
    pytest.param(
        "struct_udf",
        marks=pytest.mark.skipif(not fusion.HAS_ARROW_UDF, reason="arrow_udf came with Spark 4.1"),
    ),
    "map_in_arrow",
]


@pytest.fixture(scope="module")
def frame(spark):
    return to_spark(spark, pictures.binary_table([pictures.GOOD[0], None, pictures.BAD[1]]))


@pytest.mark.parametrize("mode", MODES)
def test_odd_names(frame, mode):
    odd = frame.withColumnRenamed("image", "my.`image").withColumnRenamed("tag", "ünï code")
    stage = UnrollImage(inputCol="my.`image", outputCol="a.b", width=2, height=1, nChannels=1)
    out = fusion.transform_frame([stage], odd, mode=mode)
    assert out.columns == ["id", "my.`image", "ünï code", "a.b", "a.b_error"]
    rows = sorted(out.collect(), key=lambda r: r["id"])
    assert len(rows[0]["a.b"]) == 2
    assert rows[1]["a.b"] is None
    assert rows[0]["ünï code"] == "t0"


@pytest.mark.parametrize("mode", MODES)
def test_an_existing_column_is_replaced_where_it_stands(frame, mode):
    out = fusion.transform_frame([PerceptualHash(outputCol="tag")], frame, mode=mode)
    assert out.columns == ["id", "image", "tag", "tag_error"]
    row = min(out.collect(), key=lambda r: r["id"])
    assert len(row["tag"]) == 16


@pytest.mark.parametrize("mode", MODES)
def test_a_stage_reads_what_one_before_it_replaced(frame, mode):
    first = PerceptualHash(outputCol="a")
    second = UnrollImage(outputCol="b", width=1, height=1)
    third = PerceptualHash(inputCol="image", outputCol="a")
    out = fusion.transform_frame([first, second, third], frame, mode=mode)
    assert out.columns == ["id", "image", "tag", "a", "a_error", "b", "b_error"]
    assert out.count() == 3


@pytest.mark.parametrize("mode", MODES)
def test_keep_brings_back_no_more(frame, mode):
    stages = [PerceptualHash(), UnrollImage(width=1, height=1)]
    out = fusion.transform_frame(stages, frame, keep=["id", "hash"], mode=mode)
    assert out.columns == ["id", "hash"]


def test_raising_stages_fail_the_job_and_say_the_row(frame):
    stage = UnrollImage(errors="raise", errorCol=None)
    assert stage.transform(frame).columns == ["id", "image", "tag", "unrolled"]
    with pytest.raises(Exception, match="no picture|not a picture"):
        stage.transform(frame).collect()
    good = frame.where("id = 0")
    assert stage.transform(good).count() == 1


def test_planning_runs_nothing(frame):
    # The picture column is broken: only running it would tell.
    broken = frame.selectExpr("id", "cast(raise_error('run') as binary) as image")
    out = PipelineModel([ImageSetAugmenter(), PerceptualHash()]).transform(broken)
    assert out.columns == ["id", "image", "image_error", "hash", "hash_error"]
    with pytest.raises(Exception, match="run"):
        out.collect()


def test_steps():
    class Nothing:
        def transform(self, frame):
            return frame

    hashes, unroll = PerceptualHash(), UnrollImage()
    steps = plan([hashes, PipelineModel([unroll, Nothing()]), hashes], jvm=True)
    assert [type(s) for s in steps] == [Run, Foreign, Run]
    assert steps[0].stages == (hashes, unroll)
    from irbis import EnsembleByKey

    steps = plan([hashes, EnsembleByKey(keys=["a"], cols=["b"]), unroll], jvm=False)
    assert [type(s) for s in steps] == [Run, Relation, Run]


def test_reads_and_writes():
    schema = pictures.EVERYTHING.schema
    run = Run((ImageSetAugmenter(outputCol="flipped"), UnrollImage(inputCol="flipped")))
    assert run.reads(schema) == ["image"]
    assert run.writes(schema) == ["flipped", "flipped_error", "unrolled", "unrolled_error"]
    assert not run.keeps_rows
    assert isinstance(run.function()(pictures.EVERYTHING.to_batches()[0]), pa.RecordBatch)
