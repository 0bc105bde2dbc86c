"""Dashboard on Spark, classic and Connect: what the page is told, before and after a restart."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from urllib.request import urlopen

import pyarrow as pa
import pytest

import irbis
import pictures
from irbis.errors import ParamError, SchemaError
from irbis.schema import DETECTIONS, to_error
from irbis.testing import to_spark

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOX = {"xmin": 1.0, "ymin": 1.0, "xmax": 20.0, "ymax": 20.0, "label": "ibex", "score": 0.9}
WEAK = BOX | {"label": "marmot", "score": 0.25}


def rows(first, count):
    return pa.table(
        {
            "path": [f"/traps/{n}.jpg" for n in range(first, first + count)],
            "image": [pictures.GOOD[0]] * count,
            "taken.at": pa.array(
                [NOON + timedelta(minutes=20 * n) for n in range(count)], pa.timestamp("us", "UTC")
            ),
            "detections": pa.array([[BOX, WEAK]] * (count - 1) + [None], DETECTIONS),
            "detections_error": to_error([None] * (count - 1) + [("truncated", "cut")]),
        }
    )


def told(dashboard, pictures):
    end = time.monotonic() + 60
    while True:
        with urlopen(dashboard.address + "/state.json") as answer:
            state = json.loads(answer.read())
        if state["pictures"] == pictures:
            return state
        assert time.monotonic() < end, state
        time.sleep(0.1)


def test_it_tells_what_came_and_goes_on_after_a_restart(spark, tmp_path) -> None:
    source, results = str(tmp_path / "in"), str(tmp_path / "results")
    frame = to_spark(spark, rows(0, 6)).coalesce(1)
    frame.write.parquet(source)
    seen = []

    def start():
        stream = spark.readStream.schema(frame.schema).parquet(source)
        return irbis.Dashboard(
            stream,
            "Tests",
            checkpoint=tmp_path / "checkpoint",
            results=results,
            timeCol="taken.at",
            every="0 seconds",
        ).start()

    first = start()
    try:
        state = told(first, 6)
        seen.append(first.address)
        assert (state["title"], state["query"]["state"]) == ("Tests", "running")
        assert (state["detections"], state["failed"]) == (5, 1)
        assert state["labels"] == ["ibex"]  # the other is too unlikely
        assert {h["hour"]: h["counts"] for h in state["hours"] if h["counts"]} == {
            "2026-03-01T12:00Z": {"ibex": 3}, "2026-03-01T13:00Z": {"ibex": 2},
        }  # fmt: skip
        assert state["failures"] == [
            {"name": "/traps/5.jpg", "kind": "truncated", "message": "cut"}
        ]
        newest = state["newest"][0]
        assert newest["name"] == "/traps/4.jpg" and newest["pictured"]
        with urlopen(f"{first.address}/thumbnails/{newest['id']}") as answer:
            assert answer.read().startswith(b"\xff\xd8")
    finally:
        first.stop()
    to_spark(spark, rows(6, 2)).coalesce(1).write.mode("append").parquet(source)
    second = start()
    try:
        assert told(second, 8)["detections"] == 6
    finally:
        second.stop()
    kept = spark.read.parquet(results)
    assert sorted(r["path"] for r in kept.collect()) == [f"/traps/{n}.jpg" for n in range(8)]
    assert "image" not in kept.columns


def test_what_can_not_be_shown_is_said_early(spark, tmp_path) -> None:
    frame = to_spark(spark, rows(0, 2))
    with pytest.raises(ParamError, match="a stream"):
        irbis.Dashboard(frame)
    frame.write.parquet(f"{tmp_path}/in")
    stream = spark.readStream.schema(frame.schema).parquet(f"{tmp_path}/in")
    with pytest.raises(SchemaError, match="finds"):
        irbis.Dashboard(stream, detectionsCol="finds")
    with pytest.raises(SchemaError, match="xmin"):
        irbis.Dashboard(stream, detectionsCol="image")
    with pytest.raises(ParamError, match="start"):
        irbis.Dashboard(stream).address
