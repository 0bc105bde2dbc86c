"""SelectColumns and DropColumns: what leaves a pipeline, and what is then not computed or sent."""

import pyarrow as pa
import pytest

import pictures
from irbis import (
    DropColumns,
    EnsembleByKey,
    PerceptualHash,
    PipelineModel,
    SelectColumns,
    Stage,
    UnrollImage,
    fusion,
)
from irbis.errors import SchemaError
from irbis.schema import put
from irbis.testing import to_spark

TABLE = pictures.binary_table([pictures.GOOD[0], None, pictures.BAD[1]])
HASHED = PerceptualHash(outputCol="hash")
UNROLLED = UnrollImage(outputCol="pixels", width=1, height=1)
KEPT = SelectColumns(cols=["hash", "id"])


class Explode(Stage):
    """Can't be run: to see what is not."""

    rows = "one"

    def input_columns(self):
        return ["image"]

    def output_fields(self, schema):
        return [pa.field("never", pa.int64())]

    def make_function(self):
        def explode(batch):  # inside: it travels by value
            if batch.num_rows:
                raise RuntimeError("this stage ran")
            return put(batch, "never", pa.array([], pa.int64()))

        return explode


@pytest.fixture(scope="module")
def frame(spark):
    return to_spark(spark, TABLE)


def modes():
    return [m for m in ("struct_udf", "map_in_arrow") if fusion.HAS_ARROW_UDF or m[0] == "m"]


@pytest.mark.parametrize("mode", modes())
@pytest.mark.parametrize("drop", [False, True])
def test_the_same_in_each_mode_and_locally(frame, mode, drop):
    last = DropColumns(cols=["image", "pixels", "tag", "hash_error"]) if drop else KEPT
    stages = [HASHED, UNROLLED, last]
    local = PipelineModel(stages).transform(TABLE)
    found = fusion.transform_frame(stages, frame, mode=mode)
    assert found.columns == local.column_names
    assert ("pixels_error" in found.columns) is drop
    rows = sorted((r.asDict() for r in found.collect()), key=lambda r: r["id"])
    assert [r["hash"] for r in rows] == local["hash"].to_pylist()


def test_in_the_middle_of_a_run(frame):
    stages = [HASHED, SelectColumns(cols=["image", "id"]), UNROLLED, DropColumns(cols=["image"])]
    local = PipelineModel(stages).transform(TABLE)
    assert local.column_names == ["id", "pixels", "pixels_error"]
    found = PipelineModel(stages).transform(frame)
    assert found.columns == local.column_names
    assert found.count() == TABLE.num_rows


def test_what_nobody_wants_is_not_computed(frame):
    assert PipelineModel([Explode(), SelectColumns(cols=["id"])]).transform(frame).count() == 3
    with pytest.raises(Exception, match="this stage ran"):
        Explode().transform(frame).collect()


def test_columns_of_the_frame_do_not_travel(frame):
    # Neither does a pass that makes nothing go through Python.
    found = PipelineModel([SelectColumns(cols=["tag", "id"])]).transform(frame)
    assert found.columns == ["tag", "id"]
    plans = found._explain_string() if hasattr(found, "_explain_string") else ""
    assert "Python" not in plans


def test_a_relation_before_and_behind(frame):
    ensemble = EnsembleByKey(keys=["tag"], cols=["pixels"])
    for stages in (
        [UNROLLED, SelectColumns(cols=["tag", "pixels"]), ensemble],
        [UNROLLED, ensemble, SelectColumns(cols=["tag"])],
        [UNROLLED, ensemble, DropColumns(cols=["tag"])],
    ):
        local = PipelineModel(stages).transform(TABLE)
        found = PipelineModel(stages).transform(frame)
        assert found.columns == local.column_names
        assert found.count() == local.num_rows


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (SelectColumns(cols=["nowhere"]), "no column named 'nowhere'"),
        (DropColumns(cols=["nowhere"]), "no column named 'nowhere'"),
        (DropColumns(cols=["id", "image", "tag"]), "expected a column to be left"),
    ],
)
def test_a_wrong_name_raises_before_a_job(stage, words):
    with pytest.raises(SchemaError, match=words):
        stage.transform(TABLE)
