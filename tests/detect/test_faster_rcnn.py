"""The estimator on a DataFrame: what it takes, what it leaves out, what it refuses."""

import numpy as np
import pytest

import pictures
from irbis import Detector, FasterRCNN
from irbis.errors import DataError, SchemaError

SCHEMA = (
    "image binary, boxes array<struct<xmin:float,ymin:float,xmax:float,ymax:float,"
    "label:string,score:float>>"
)


def rows():
    def box(label="cat"):
        return (4.0, 4.0, 40.0, 30.0, label, 0.9)

    good = [bytearray(pictures.encoded(48, 64, i)) for i in range(4)]
    return [
        (good[0], [box()]),
        (good[1], [box(), box("dog")]),
        (good[2], []),
        (good[3], None),
        (bytearray(b"broken"), [box()]),
        (None, [box()]),
    ]


@pytest.fixture(scope="module")
def learner():
    return FasterRCNN(labels=["cat"], iterations=2, batchSize=2, longSide=96)


def test_fit_gives_a_detector(spark, learner):
    seen = []
    learner.progress = lambda step, steps, loss: seen.append((step, steps, np.isfinite(loss)))
    frame = spark.createDataFrame(rows(), SCHEMA)
    detector = learner.fit(frame)
    assert type(detector) is Detector
    assert (detector.getLabels(), detector.getLongSide()) == (["cat"], 96)
    assert seen == [(1, 2, True), (2, 2, True)]
    out = detector.transform(frame).select("detections", "detections_error.kind").collect()
    assert [r["kind"] for r in out] == [None] * 4 + ["decode", "null"]


@pytest.mark.one_engine("classic")
def test_the_same_rows_give_the_same_detector(spark, learner):
    frame = spark.createDataFrame(rows()[:3], SCHEMA)
    assert learner.fit(frame).getFile()["sha256"] == learner.fit(frame).getFile()["sha256"]


def test_image_structs_with_nulls(spark, learner):
    table = pictures.struct_table([pictures.array(40, 50), None])
    from irbis.testing import to_spark

    frame = to_spark(spark, table).selectExpr(
        "image",
        "array(named_struct('xmin', 1f, 'ymin', 1f, 'xmax', 30f, 'ymax', 30f, 'label', 'cat', "
        "'score', 1f)) as boxes",
    )
    assert learner.fit(frame).getLabels() == ["cat"]


def test_what_can_not_be_learned_from_is_said(spark, learner):
    frame = spark.createDataFrame(rows(), SCHEMA)
    with pytest.raises(DataError, match="no box to learn from"):
        FasterRCNN(labels=["horse"]).fit(frame)
    with pytest.raises(SchemaError, match="no column named 'boxes'"):
        learner.fit(frame.drop("boxes"))
    with pytest.raises(SchemaError, match="array of struct"):
        learner.fit(frame.selectExpr("image", "array(1, 2) as boxes"))
    upside_down = [(rows()[0][0], [(40.0, 4.0, 4.0, 30.0, "cat", 1.0)])]
    with pytest.raises(DataError, match="boxes with area"):
        learner.fit(spark.createDataFrame(upside_down, SCHEMA))


def test_the_estimator_is_saved(spark, learner, tmp_path):
    learner.save(str(tmp_path / "e"))
    loaded = FasterRCNN.load(str(tmp_path / "e"))
    assert (loaded.getIterations(), loaded.getLabels()) == (2, ["cat"])
