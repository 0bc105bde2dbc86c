"""Sequences of a camera's pictures, and the answer made of each."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis import EnsembleByKey, GroupSequences
from irbis.errors import ParamError, SchemaError
from irbis.model.sequencing import starts
from irbis.testing import to_spark

START = datetime(2026, 3, 1, 5, tzinfo=UTC)
TIMES = pa.timestamp("us", tz="UTC")


def table(rows):
    """(camera, seconds, probability) -> a table, with a place for each camera."""
    return pa.table(
        {
            "camera": pa.array([r[0] for r in rows], pa.string()),
            "location": pa.array([r[0] and f"at {r[0]}" for r in rows], pa.string()),
            "taken": pa.array(
                [None if r[1] is None else START + timedelta(seconds=r[1]) for r in rows], TIMES
            ),
            "prob": pa.array([r[2] for r in rows], pa.list_(pa.float64())),
        }
    )


ROWS = [
    ("a", 0, [0.0, 1.0]),
    ("b", 10, [1.0, 0.0]),
    ("a", 125, [0.5, 0.5]),
    ("a", 60, [0.5, 0.5]),
    ("a", 186, [1.0, 0.0]),
    ("b", None, [1.0, 0.0]),
    ("a", 247.000001, None),
]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 200)), max_size=20))
def test_a_sequence_ends_where_the_gap_is_too_long(rows) -> None:
    found = starts(
        np.array([r[0] for r in rows], np.int64), np.array([r[1] for r in rows], np.int64), 7
    )
    for camera in {r[0] for r in rows}:
        times = sorted(t for c, t in rows if c == camera)
        expected, begin = {}, None
        for before, time in zip([None, *times], times, strict=False):
            begin = time if before is None or time - before > 7 else begin
            expected[time] = begin
        for (c, time), start in zip(rows, found, strict=True):
            assert c != camera or start == expected[time]


def test_names_and_rows_in_their_order() -> None:
    made = GroupSequences(gap=61).transform(table(ROWS))
    second = int(START.timestamp())
    first = f"a@{second}"
    names = [first, f"b@{second + 10}", f"a@{second + 125}", first, f"a@{second + 125}", None]
    assert made["group"].to_pylist()[:6] == names
    assert made["group"][6].as_py() == f"a@{second + 247}"  # a microsecond too late
    assert made.drop_columns(["group"]) == table(ROWS)


def test_ensemble_says_when_each_group_began() -> None:
    ensemble = EnsembleByKey(
        keys=["group", "location"], cols=["prob"], eventTimeCol="taken", startCol="start"
    )
    made = ensemble.transform(GroupSequences(gap=61).transform(table(ROWS))).to_pylist()
    assert [row["start"] and (row["start"] - START).seconds for row in made[:3]] == [0, 10, 125]
    assert made[2]["mean(prob)"] == [0.75, 0.25] and made[3]["start"] is None
    spread = (
        ensemble.copy()
        .setCollapseGroup(False)
        .transform(GroupSequences(gap=61).transform(table(ROWS)))
    )
    assert spread["start"][4].as_py() == START + timedelta(seconds=125)


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"startCol": "start"}, ParamError),
        ({"startCol": "group", "eventTimeCol": "taken"}, ParamError),
        ({"startCol": "start", "eventTimeCol": "camera"}, SchemaError),
    ],
)
def test_what_can_not_be_is_said_early(params, error) -> None:
    rows = table(ROWS).append_column("group", pa.array(["x"] * len(ROWS)))
    with pytest.raises(error):
        EnsembleByKey(keys=["group"], cols=["prob"], **params).transform(rows)


@pytest.mark.parametrize("params", [{"timeCol": "camera"}, {"keys": ["taken"]}, {"keys": ["no"]}])
def test_columns_of_other_types(params) -> None:
    with pytest.raises(SchemaError):
        GroupSequences(**params).transform(table(ROWS))


def test_spark_says_the_same(spark) -> None:
    ensemble = EnsembleByKey(
        keys=["group", "location"], cols=["prob"], eventTimeCol="taken", startCol="start"
    )
    local = ensemble.transform(GroupSequences(gap=61).transform(table(ROWS)))
    frame = ensemble.transform(GroupSequences(gap=61).transform(to_spark(spark, table(ROWS))))

    def plain(found):
        return sorted(found, key=lambda r: (str(r["group"]), str(r["location"])))

    assert plain(frame.toArrow().to_pylist()) == plain(local.to_pylist())


@pytest.mark.one_engine("classic")
def test_a_stream_makes_the_same_sequences_and_writes_them_when_they_are_closed(
    spark, tmp_path
) -> None:
    before = spark.conf.get("spark.sql.shuffle.partitions")
    spark.conf.set("spark.sql.shuffle.partitions", "1")
    try:
        dated = [row for row in ROWS if row[1] is not None]
        for part in (dated[:2], dated[2:5], [*dated[5:], ("z", 5000, [0.0, 0.0])]):
            frame = to_spark(spark, table(part))
            frame.coalesce(1).write.mode("append").parquet(f"{tmp_path}/in")
        stream = (
            spark.readStream.schema(frame.schema)
            .option("maxFilesPerTrigger", 1)
            .parquet(f"{tmp_path}/in")
        )
        ensemble = EnsembleByKey(
            keys=["group", "location"],
            cols=["prob"],
            eventTimeCol="taken",
            startCol="start",
            gap="61 seconds",
            watermark="10 minutes",
        )
        query = (
            ensemble.transform(GroupSequences(gap=61).transform(stream))
            .writeStream.option("checkpointLocation", f"{tmp_path}/checkpoint")
            .trigger(availableNow=True)
            .format("parquet")
            .start(f"{tmp_path}/out")
        )
        assert query.awaitTermination(120) and query.exception() is None
        found = spark.read.parquet(f"{tmp_path}/out").toArrow().to_pylist()
    finally:
        spark.conf.set("spark.sql.shuffle.partitions", before)
    batch = ensemble.transform(GroupSequences(gap=61).transform(table(dated))).to_pylist()
    # The stream's group is the camera; its start tells sequences apart.
    assert {r["group"] for r in found} == {"a", "b"}  # z is still open
    assert sorted((r["group"], r["start"], str(r["mean(prob)"])) for r in found) == sorted(
        (r["group"].partition("@")[0], r["start"], str(r["mean(prob)"])) for r in batch
    )
