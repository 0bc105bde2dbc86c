"""Rows to JSON: every type that Spark has, and the limits that are known before anything is sent."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis.errors import SchemaError
from irbis.monitor.push_limits import Allowance, Limits
from irbis.monitor.push_rows import RowsToJson, check_columns
from irbis.vectors import to_vectors

WHEN = datetime(2026, 3, 1, 5, 4, 3, 21987, UTC)


def rows(table, characters=4000, extra=""):
    made = RowsToJson(characters, extra).batch(table.combine_chunks().to_batches()[0])
    return [json.loads(text) for text in made["json"].to_pylist()], made["refused"].to_pylist()


def test_every_type_is_what_power_bi_reads() -> None:
    table = pa.table(
        {
            "b": pa.array([True]),
            "i": pa.array([-(1 << 63)], pa.int64()),
            "f": pa.array([0.1], pa.float32()),
            "d": pa.array([Decimal("1e2")], pa.decimal128(10, 2)),
            "t": pa.array([WHEN], pa.timestamp("us", "Asia/Bishkek")),
            "local": pa.array([WHEN.replace(tzinfo=None)], pa.timestamp("ns")),
            "day": pa.array([date(2026, 3, 1)]),
            "s": pa.array(['a "ü"\n']),
            "list": pa.array([[{"label": "cat", "score": math.nan, "at": WHEN}]]),
            "map": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int8())),
            "vector": to_vectors(np.array([[0.5, 1.0]]), np.array([True])),
            'odd "name"': pa.array(["x"]).dictionary_encode(),
            "none": pa.nulls(1),
        }
    )
    ((row,), refused) = rows(table)
    assert refused == [None]
    assert row == {
        "b": True, "i": -(1 << 63), "f": pytest.approx(0.1), "d": 100.0,
        "t": "2026-03-01T05:04:03.021Z", "local": "2026-03-01T05:04:03.021",
        "day": "2026-03-01T00:00:00.000", "s": 'a "ü"\n',
        "list": '[{"label":"cat","score":null,"at":"2026-03-01T05:04:03.021Z"}]',
        "map": '[["k",1]]', "vector": "[0.5,1.0]", 'odd "name"': "x", "none": None,
    }  # fmt: skip
    assert set(check_columns(table.schema, 75).values()) == {
        "Boolean", "Int64", "Double", "Decimal", "DateTime", "String",
    }  # fmt: skip


@given(st.floats(), st.text(max_size=20), st.integers(-(1 << 63), (1 << 63) - 1))
def test_any_value_is_json(number, text, whole) -> None:
    table = pa.table({"number": [number], text: [text], "whole ": [whole]})
    ((row,), _) = rows(table, extra='"batch":"a/1"')
    assert row.get("number", number) in (number if math.isfinite(number) else None, text)
    assert row[text] == text and row["whole "] == whole and row["batch"] == "a/1"


@pytest.mark.parametrize(("text", "fits"), [("x" * 10, True), ("x" * 11, False), ("🐆" * 6, False)])
def test_long_strings_are_counted_as_dotnet_counts(text, fits) -> None:
    _, (refused,) = rows(pa.table({"s": [text]}), characters=10)
    assert (refused is None) == fits


def test_columns_that_can_not_be_are_said_early() -> None:
    with pytest.raises(SchemaError, match="image"):
        check_columns(pa.schema([("image", pa.binary())]), 75)
    with pytest.raises(SchemaError, match="at most 2"):
        check_columns(pa.schema([(n, pa.int8()) for n in "abc"]), 2)
    with pytest.raises(SchemaError, match="twice"):
        check_columns(pa.schema([("a", pa.int8()), ("a", pa.int8())]), 75)


@given(
    st.lists(st.tuples(st.floats(0, 30), st.floats(0, 5), st.integers(1, 40)), max_size=40),
    st.integers(1, 5),
)
def test_no_window_ever_holds_too_much(asked, requests) -> None:
    """Whenever between sending and answer the service counts a request."""
    limits = Limits(requests_per_minute=requests, rows_per_hour=100, minute=10.0, hour=40.0)
    allowance, now, seen = Allowance(limits), 0.0, []
    for pause, took, count in asked:
        now += pause
        while (wait := allowance.wait(count, now)) > 0:
            now += wait + 1e-6
        ticket = allowance.take(count)
        seen.append((now, now + took, count))
        now += took
        allowance.done(ticket, now)
    for began, _, _ in seen:
        # From the earliest to the latest that a window could catch.
        inside = [s for s in seen if s[0] >= began and s[0] < began + limits.minute]
        late = [s for s in inside if s[1] < began + limits.minute]
        assert len(late) <= requests or len(inside) <= requests
        hour = [s for s in seen if s[0] >= began and s[0] < began + limits.hour]
        assert sum(s[2] for s in hour) <= limits.rows_per_hour


def test_a_request_without_an_answer_counts_until_it_has_one() -> None:
    allowance = Allowance(Limits(requests_per_minute=1))
    allowance.take(1)
    assert allowance.wait(1, 1e9) == math.inf
