"""Two processes train as one: the real TorchDistributor, on a small table."""

from __future__ import annotations

import os

import numpy as np
import pytest

import pictures
from irbis import FasterRCNN
from irbis.errors import ParamError

pytest.importorskip("torch")

SCHEMA = (
    "image binary, boxes array<struct<xmin:float,ymin:float,xmax:float,ymax:float,"
    "label:string,score:float>>"
)


@pytest.fixture(scope="module")
def frame(spark):
    box = (4.0, 4.0, 60.0, 50.0, "cat", 0.9)
    rows = [(bytearray(pictures.encoded(64, 96, i)), [box] if i < 3 else []) for i in range(4)]
    return spark.createDataFrame(rows, SCHEMA)


def learner(**more):
    return FasterRCNN(labels=["cat"], iterations=3, batchSize=2, longSide=96, **more)


@pytest.mark.one_engine("connect")
def test_two_processes_learn_what_one_does(frame):
    alone, both = learner(), learner(processes=2)
    first, second = alone.fit(frame), both.fit(frame)
    assert second.getLabels() == ["cat"] and len(both.losses) == 3
    # The same pictures in the same order; which proposals are sampled is another draw.
    np.testing.assert_allclose(both.losses, alone.losses, rtol=0.25)
    assert second.getFile()["sha256"] != first.getFile()["sha256"]
    columns = ["detections_error"]
    assert [r[0] for r in second.transform(frame).select(columns).collect()] == [None] * 4


@pytest.mark.skipif("IRBIS_SLOW" not in os.environ, reason="takes 30 s: set IRBIS_SLOW=1")
def test_processes_as_spark_tasks_read_a_shared_table(frame, tmp_path):
    beside, tasks = learner(processes=2), learner(processes=2, sharedFolder=str(tmp_path))
    assert beside.fit(frame).getLabels() == tasks.fit(frame.coalesce(1)).getLabels()
    assert tasks.losses == pytest.approx(beside.losses, rel=1e-4)
    assert list(tmp_path.glob("irbis-training-*/*.parquet"))


def test_a_batch_must_be_shared_evenly(frame):
    with pytest.raises(ParamError, match="multiple of processes=3"):
        learner(processes=3).fit(frame)
