"""What fusion makes of a run in Spark's plan: read there, with hardly a job."""

from dataclasses import dataclass

import pyarrow as pa
import pytest
from pyspark.ml.feature import HashingTF, Tokenizer, VectorAssembler
from pyspark.ml.linalg import Vectors, VectorUDT
from pyspark.sql import functions as F

import pictures
from irbis import (
    EnsembleByKey,
    ImageSetAugmenter,
    SelectColumns,
    Stage,
    StreamStage,
    UnrollImage,
    fusion,
)
from irbis.files import FileRef
from irbis.testing import to_spark

pytestmark = pytest.mark.one_engine("classic")
PIXEL = UnrollImage(outputCol="pixels", width=1, height=1)
udf_mode = pytest.mark.skipif(not fusion.HAS_ARROW_UDF, reason="arrow_udf came with Spark 4.1")


@pytest.fixture(scope="module")
def frame(spark):
    return to_spark(spark, pictures.binary_table([pictures.GOOD[0], None])).cache()


@pytest.fixture
def plan_of(capsys):
    """The words for Python in a frame's plan, from the top."""

    def read(frame):
        capsys.readouterr()
        frame.explain()
        words = capsys.readouterr().out.replace("(", " ").split()
        return [w for w in words if w in ("ArrowEvalPython", "BatchEvalPython", "MapInArrow")]

    return read


class Number(Stage):
    """Makes a number, of nothing if it reads nothing."""

    reads = ()

    def input_columns(self):
        return list(self.reads)

    def output_fields(self, schema):
        return [pa.field("n", pa.int64())]

    def make_function(self):
        def number(batch):  # inside: it travels by value
            import pyarrow as pa

            values = pa.array([7] * batch.num_rows, pa.int64())
            return batch.append_column("n", values)

        return number


class Ahead(Number, StreamStage):
    reads = ("id",)

    def make_stream_function(self):
        one = Number().make_function()
        return lambda batches: (one(batch) for batch in batches)


@udf_mode
def test_how_a_run_gets_into_the_plan(frame, plan_of):
    vectors = frame.select("id", "image", F.lit(1.0).alias("x"))
    vectors = VectorAssembler(inputCols=["x"], outputCol="v").transform(vectors)
    for stages, of, said in [
        ([PIXEL], frame, ["ArrowEvalPython"]),
        ([PIXEL, UnrollImage(outputCol="more")], frame, ["ArrowEvalPython"]),
        ([ImageSetAugmenter(outputCol="a"), PIXEL], frame, ["MapInArrow"]),  # more rows
        ([PIXEL], vectors, ["MapInArrow"]),  # a UDT among other columns
        ([Number()], frame, ["MapInArrow"]),  # reads nothing
        ([Ahead()], frame, ["MapInArrow"]),  # looks ahead
        ([SelectColumns(cols=["tag"])], frame, []),  # makes nothing
        ([Tokenizer(inputCol="tag", outputCol="words")], frame, []),  # Spark's own
    ]:
        assert plan_of(fusion.transform_frame(stages, of)) == said
    out = fusion.transform_frame([PIXEL], frame, mode="map_in_arrow")
    assert plan_of(out) == ["MapInArrow"]
    assert plan_of(fusion.transform_frame([PIXEL], frame, mode="struct_udf")) == ["ArrowEvalPython"]


def test_what_was_made_of_nothing_and_ahead(frame):
    for stage in (Number(), Ahead()):
        out = stage.transform(frame)
        assert out.columns == ["id", "image", "tag", "n"]
        assert [r["n"] for r in out.collect()] == [7, 7]


class Counts(Ahead):
    """Numbers the batches it is given one after the other."""

    def make_stream_function(self):
        def counted(batches):
            import pyarrow as pa

            for at, batch in enumerate(batches):
                yield batch.append_column("n", pa.array([at] * batch.num_rows, pa.int64()))

        return counted


def test_who_looks_ahead_is_given_all_batches_of_a_partition(spark, frame):
    key = "spark.sql.execution.arrow.maxRecordsPerBatch"
    before = spark.conf.get(key)
    spark.conf.set(key, 1)
    try:
        rows = Counts().transform(frame.select("id").coalesce(1)).collect()
    finally:
        spark.conf.set(key, before)
    assert sorted(r["n"] for r in rows) == [0, 1]


def test_spark_s_models_stay_in_the_jvm_if_they_can(frame, plan_of):
    words = Tokenizer(inputCol="tag", outputCol="words")
    hashed = HashingTF(inputCol="words", outputCol="v", numFeatures=8)
    out = fusion.transform_frame([PIXEL, words, hashed], frame)
    assert len(plan_of(out)) == 1
    assert out.schema["v"].dataType == VectorUDT()


def test_a_run_that_makes_what_nobody_wants_is_no_python(frame, plan_of):
    out = fusion.transform_frame([PIXEL], frame, keep=["id"])
    assert (out.columns, plan_of(out)) == (["id"], [])
    # A run that drops or adds rows has to run whoever reads what it makes.
    flipped = fusion.transform_frame([ImageSetAugmenter(outputCol="a")], frame, keep=["id"])
    assert (flipped.columns, plan_of(flipped)) == (["id"], ["MapInArrow"])


def test_only_what_is_read_goes_through_map_in_arrow(frame, capsys):
    steps = [ImageSetAugmenter(outputCol="a"), UnrollImage(inputCol="a", outputCol="pixels")]
    out = fusion.transform_frame(steps, frame, keep=["id", "pixels"])
    assert out.columns == ["id", "pixels"]
    capsys.readouterr()
    out.explain()
    node = next(n for n in capsys.readouterr().out.splitlines() if "MapInArrow" in n)
    assert "image" in node.partition(")")[0]
    assert "tag" not in node.partition("]")[0]


def test_an_ensemble_gets_what_it_needs_and_no_more(frame, plan_of):
    stages = [PIXEL, UnrollImage(outputCol="other"), EnsembleByKey(keys=["tag"], cols=["pixels"])]
    out = fusion.transform_frame(stages, frame)
    assert out.columns == ["tag", "mean(pixels)"]
    assert len(plan_of(out)) == 1
    assert out.count() == 2


def test_a_udt_and_nulls_come_through(frame):
    frame = frame.withColumn("x", F.col("id").cast("double"))
    given = VectorAssembler(inputCols=["x"], outputCol="v").transform(frame)
    for mode in ["map_in_arrow"] + ["struct_udf"] * fusion.HAS_ARROW_UDF:
        out = fusion.transform_frame([PIXEL], given.where("id = 0"), mode=mode)
        assert out.schema["v"].dataType == out.schema["pixels"].dataType == VectorUDT()
        (row,) = out.collect()
        assert row["v"] == Vectors.dense([0.0])
        assert len(row["pixels"]) == 3
    rows = PIXEL.transform(frame).orderBy("id").collect()
    assert rows[1]["pixels"] is None
    assert rows[1]["tag"] == "t1"


@pytest.mark.parametrize(
    ("known", "stays"),
    [
        ({"ml_attr": {"type": "nominal", "vals": ["a", "b"]}}, True),
        ({"ml_attr": {"attrs": {"nominal": [{"idx": 0}]}}}, True),
        ({"ml_attr": {"type": "numeric", "attrs": {"numeric": [{"idx": 0}]}}}, False),
        ({"ml_attr": {}}, False),
        ({"comment": "nominal"}, False),
        ({}, False),
    ],
)
def test_while_fitting_an_assembler_of_categories_stays(frame, plan_of, known, stays):
    given = frame.select("image", F.col("id").cast("double").alias("k")).withMetadata("k", known)
    stages = [PIXEL, VectorAssembler(inputCols=["k"], outputCol="v")]
    for fitting, kept in ((True, stays), (False, False)):
        out = fusion.transform_frame(stages, given, fitting=fitting)
        assert bool(out.schema["v"].metadata) is kept
    assert fusion.transform_frame(stages, given).schema["v"].metadata == {}


def test_files_are_shipped_before_the_job(frame, monkeypatch):
    @dataclass(frozen=True)
    class Reading:
        file: FileRef

        def __call__(self, batch):
            return batch

    class Opens(Number):
        def make_function(self):
            return Reading(FileRef("model.onnx", "ab"))

    seen = []
    monkeypatch.setattr(fusion, "ship", lambda spark, files: seen.append((spark, list(files))))
    Opens().transform(frame)
    assert seen == [(frame.sparkSession, [FileRef("model.onnx", "ab")])]


def test_what_passes_keeps_what_is_said_of_it(frame):
    told = frame.selectExpr("image", "1L as id").withMetadata("id", {"of": "cats"})
    more = ImageSetAugmenter(flipHorizontal=True).transform(told)
    assert more.schema["id"].metadata == {"of": "cats"}
