"""Rows for adapters: every kind of vector, number and string that Spark ML may meet."""

import decimal
import math

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from irbis.schema import VECTOR

SIZE = 4
_ODD = [0.0, -0.0, 1.0, -2.5, math.nan, math.inf, -math.inf]
number = st.one_of(st.floats(-1e3, 1e3, width=32), st.sampled_from(_ODD))
# Numbers that are labels: the JVM prints them in several ways.
LABEL_NUMBERS = [0.0, -0.0, 1.0, 2.5, 1e7, 12345678.5, 1e-3, 1.5e-5, -1e10, math.nan, math.inf]
LABELS = ["a", "b", "", " a", "ünï", "__unknown", "1.0"]


@st.composite
def vectors(draw, least=SIZE, most=SIZE):
    size = draw(st.integers(least, most))
    if draw(st.booleans()):
        values = draw(st.lists(number, min_size=size, max_size=size))
        return {"type": 1, "size": None, "indices": None, "values": values}
    indices = sorted(draw(st.sets(st.integers(0, size - 1)))) if size else []
    values = [draw(number) for _ in indices]
    return {"type": 0, "size": size, "indices": indices, "values": values}


# White space of Java and other white space, capitals that change in length, a sigma at an end.
texts = st.text(st.sampled_from("aB \t\n\x0b\x0c\r\xa0\u2003\x1fİΣςßЖ猫é\U0001f98a'"), max_size=12)
WORDS = ["", "a", "cat", "naïve", "猫", "four", "fives", "\U0001f98a\U0001f98a"]
PLACES = 50


@st.composite
def sparse_counts(draw):
    found = draw(st.dictionaries(st.integers(0, PLACES - 1), st.floats(-9, 9), max_size=4))
    if draw(st.booleans()):
        dense = [found.get(i, 0.0) for i in range(PLACES)]
        return {"type": 1, "size": None, "indices": None, "values": dense}
    return {
        "type": 0, "size": PLACES, "indices": sorted(found),
        "values": [found[i] for i in sorted(found)],
    }  # fmt: skip


row = st.fixed_dictionaries(
    {
        "v": vectors(),
        "w": vectors(0, 6),
        "x": number.filter(lambda v: not math.isnan(v)),
        "y": st.one_of(st.none(), number),
        "f": st.floats(-1e3, 1e3, width=32),
        "n": st.integers(-(2**31), 2**31 - 1),
        "b": st.booleans(),
        "d": st.decimals(-1000, 1000, places=2),
        "s": st.sampled_from([*LABELS, "unseen", None]),
        "known": st.sampled_from(LABELS),
        "number": st.sampled_from([*LABEL_NUMBERS, 77.125, None]),
        "small": st.sampled_from([0.1, 2.5, 1e7, 1.5e-5, 16777216.0, 3.25, None]),
        "whole": st.one_of(st.none(), st.integers(-2, 12)),
        "index": st.sampled_from([0.0, 1.0, 1.9, -0.5]),
        "t": texts,
        "words": st.lists(st.one_of(st.none(), st.sampled_from(WORDS), texts), max_size=5),
        "hashed": sparse_counts(),
    }
)
TYPES = pa.schema(
    [
        pa.field("i", pa.int64()),
        pa.field("v", VECTOR),
        pa.field("w", VECTOR),
        pa.field("x", pa.float64()),
        pa.field("y", pa.float64()),
        pa.field("f", pa.float32()),
        pa.field("n", pa.int32()),
        pa.field("b", pa.bool_()),
        pa.field("d", pa.decimal128(10, 2)),
        pa.field("s", pa.string()),
        pa.field("known", pa.string()),
        pa.field("number", pa.float64()),
        pa.field("small", pa.float32()),
        pa.field("whole", pa.int64()),
        pa.field("index", pa.float64()),
        pa.field("t", pa.string()),
        pa.field("words", pa.list_(pa.string())),
        pa.field("hashed", VECTOR),
    ]
)


def table_of(rows):
    numbered = [{**r, "i": i, "d": decimal.Decimal(r["d"])} for i, r in enumerate(rows)]
    return pa.Table.from_pylist(numbered, schema=TYPES)


def drawn(examples=25):
    """Rows of many examples in one table: Spark then has one job to run, not hundreds."""
    found = []

    @settings(max_examples=examples)
    @given(st.lists(row, min_size=2, max_size=8))
    def collect(rows):
        found.extend(rows)

    collect()
    # Seldom drawn: NaN beside zeros that a sparse vector leaves out.
    found.append({**found[0], "w": {"type": 0, "size": 3, "indices": [1], "values": [math.nan]}})
    return table_of(found)


tables = st.lists(row, max_size=6).map(table_of)
