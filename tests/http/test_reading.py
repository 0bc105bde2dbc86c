"""JSON answers into Arrow types, and the spelling of types."""

import datetime as dt
import json
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis.http import ddl
from irbis.http.reading import ParseError, load, reader

PLAIN = [
    pa.bool_(), pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.float32(), pa.float64(),
    pa.string(), pa.binary(), pa.date32(), pa.timestamp("us", "UTC"), pa.timestamp("us"),
    pa.decimal128(10, 2),
]  # fmt: skip


def _nested(inner):
    names = st.lists(st.text(st.characters(codec="utf-8"), min_size=1), unique=True, max_size=3)
    fields = names.flatmap(
        lambda ns: st.tuples(*[inner] * len(ns)).map(lambda ts: pa.struct(list(zip(ns, ts))))
    )
    return st.one_of(inner.map(pa.list_), inner.map(lambda t: pa.map_(pa.string(), t)), fields)


TYPES = st.recursive(st.sampled_from(PLAIN), _nested, max_leaves=6)
JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(),
        st.sampled_from(["2026-11-25", "2026-11-25T10:00:00Z", "YWJj", "1.25"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=8,
)  # fmt: skip


@given(TYPES)
def test_spelling_round_trips(type_):
    assert ddl.parse(ddl.write(type_)) == type_


@given(TYPES, JSON)
def test_any_document_into_any_type(type_, document):
    """Either it can't be read, or what was read makes an array of the type."""
    try:
        value = reader(type_)(document, "$")
    except ParseError:
        return
    assert len(pa.array([value], type_)) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INT", pa.int32()),
        ("a int, b string", pa.struct([("a", pa.int32()), ("b", pa.string())])),
        ("a: bigint NOT NULL COMMENT 'it''s', `b c` array<double>",
         pa.struct([("a", pa.int64()), ("b c", pa.list_(pa.float64()))])),
        ("struct<a:decimal(5,2),b:map<string,int>>",
         pa.struct([("a", pa.decimal128(5, 2)), ("b", pa.map_(pa.string(), pa.int32()))])),
        ("date date", pa.struct([("date", pa.date32())])),
        ("decimal", pa.decimal128(10, 0)),
        ("varchar(20)", pa.string()),
        ("struct<>", pa.struct([])),
    ],
)  # fmt: skip
def test_spelling(text, expected):
    assert ddl.parse(text) == expected


@pytest.mark.parametrize(
    "text", ["", "a", "array<", "int int int", "a int b", "map<int>", "a int,", "?"]
)
def test_no_type(text):
    with pytest.raises(ValueError, match="spelling"):
        ddl.parse(text)


def test_spark_reads_the_same_spelling(spark):
    from pyspark.sql.types import StructType

    from irbis.spark_schema import arrow_schema

    for text in ("a int, b array<struct<x:double,y:timestamp>>", "m map<string,decimal(8,3)>"):
        theirs = arrow_schema(StructType.fromDDL(text))
        assert ddl.write(pa.struct(list(theirs))) == ddl.write(ddl.parse(text))


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("int", 2.0, 2), ("double", 3, 3.0), ("string", [1, "é"], '[1,"é"]'),
        ("string", True, "true"), ("date", "2026-11-25", dt.date(2026, 11, 25)),
        ("binary", "YWJj", b"abc"), ("decimal(5,2)", "1.255", Decimal("1.26")),
        ("decimal(5,2)", 1.5, Decimal("1.50")),
        ("timestamp", "2026-11-25T12:00:00+02:00", dt.datetime(2026, 11, 25, 10, tzinfo=dt.UTC)),
        ("timestamp_ntz", "2026-11-25T12:00:00", dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC).replace(tzinfo=None)),
        ("map<string,int>", {"a": 1}, [("a", 1)]),
        ("struct<a:int,b:int>", {"b": 1, "c": 2}, {"a": None, "b": 1}),
    ],
)  # fmt: skip
def test_values(type_, value, expected):
    assert reader(ddl.parse(type_))(value, "$") == expected


@pytest.mark.parametrize(
    ("type_", "value", "place"),
    [
        ("int", "1", "$"), ("int", 1.5, "$"), ("int", True, "$"), ("int", 2**31, "$"),
        ("tinyint", 128, "$"), ("double", "1", "$"), ("boolean", 1, "$"), ("array<int>", {}, "$"),
        ("struct<a:struct<b:array<int>>>", {"a": {"b": [1, "x"]}}, r"$.a.b[1]"),
        ("date", "25.11.2026", "$"), ("timestamp", 5, "$"), ("timestamp", "0001-01-01T00:00:00+05:00", "$"), ("binary", "?", "$"),
        ("decimal(3,1)", 12345, "$"), ("decimal(3,1)", "NaN", "$"), ("string", "\ud800", "$"),
    ],
)  # fmt: skip
def test_what_does_not_fit_names_its_place(type_, value, place):
    with pytest.raises(ParseError) as caught:
        reader(ddl.parse(type_))(value, "$")
    assert str(caught.value).startswith(place + ":")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"NaN", b"[Infinity]", b"[" * 100_000])
def test_no_json(body):
    with pytest.raises(ParseError):
        load(body)


def test_errors_repeat_nothing_of_the_document():
    with pytest.raises(ParseError) as caught:
        reader(pa.int32())("s3cret", "$")
    assert "s3cret" not in str(caught.value)
    assert json.loads("1") == load(b"1")
