"""PowerBIWriter on Spark: a frame, and a stream that is cut off between a push and its checkpoint."""

from __future__ import annotations

import pyarrow as pa
import pytest

import irbis
from irbis.errors import EngineError, ParamError, SchemaError
from irbis.monitor.push_limits import Limits


def test_a_frame_with_odd_names_and_a_bad_row(power_bi, spark, tmp_path) -> None:
    endpoint = power_bi()
    table = pa.table(
        {
            "Art (Spezies)": ["Schneeleopard", "x" * 4001, "Wolf"],
            "a.b": pa.array([1, 2, None], pa.int64()),
            "taken": pa.array([0, 1, 2], pa.timestamp("us", "UTC")),
        }
    )
    frame = spark.createDataFrame(table)
    definition = irbis.PowerBIWriter.definition(frame, "traps", "finds")
    url, model = endpoint.make(definition)
    with pytest.raises(EngineError, match="dead_letters"):
        irbis.PowerBIWriter.write(frame, url, token=lambda: "t")
    dead = str(tmp_path / "dead")
    pushed = irbis.PowerBIWriter.write(frame, url, token="t", dead_letters=dead)
    assert (pushed.rows, pushed.refused, pushed.requests) == (2, 1, 1)
    got = endpoint.received(model)["rows"]["finds"]
    assert sorted(got[-2:], key=str) == [
        {"Art (Spezies)": "Schneeleopard", "a.b": 1, "taken": "1970-01-01T00:00:00.000Z"},
        {"Art (Spezies)": "Wolf", "a.b": None, "taken": "1970-01-01T00:00:00.000Z"},
    ]
    (row,) = spark.read.parquet(dead).collect()
    assert "longer than 4000" in row["reason"] and "x" * 4001 in row["json"]
    with pytest.raises(SchemaError, match="batch_column"):
        irbis.PowerBIWriter.write(frame, url, batch_column="a.b")
    with pytest.raises(ParamError, match="call write"):
        irbis.PowerBIWriter.stream(frame, url)
    with pytest.raises(ParamError, match="push URL"):
        irbis.PowerBIWriter.write(frame, "powerbi.com")


def test_a_stream_pushes_each_batch_under_its_number(power_bi, spark, tmp_path) -> None:
    endpoint = power_bi()
    for n in range(3):
        spark.range(n * 10, n * 10 + 10).coalesce(1).write.mode("append").parquet(f"{tmp_path}/in")
    stream = (
        spark.readStream.schema("id bigint")
        .option("maxFilesPerTrigger", 1)
        .parquet(f"{tmp_path}/in")
    )
    with pytest.raises(ParamError, match="call stream"):
        irbis.PowerBIWriter.write(stream, endpoint.push_url)
    query = (
        irbis.PowerBIWriter.stream(
            stream, endpoint.push_url, name="traps", batch_column="batch", limits=Limits(rows=6)
        )
        .option("checkpointLocation", f"{tmp_path}/checkpoint")
        .trigger(availableNow=True)
        .start()
    )
    assert query.awaitTermination(120) and query.exception() is None
    got = endpoint.received()
    assert sorted(r["id"] for r in got["rows"]["RealTimeData"]) == list(range(30))
    assert sorted(name for name, _ in got["batches"]) == [
        f"traps/{batch}/{part}" for batch in range(3) for part in range(2)
    ]
    assert {r["batch"] for r in got["rows"]["RealTimeData"]} == {f"traps/{n}" for n in range(3)}
