"""Tables of every type that Spark sends to Python, and of some that only local calls meet."""

import datetime as dt
import decimal

import pyarrow as pa
from hypothesis import strategies as st

from irbis.schema import ERROR, VECTOR

_DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1))
_TIMES = st.datetimes().filter(lambda time: 1900 < time.year < 2200)
_dense = st.lists(st.floats(), max_size=3).map(
    lambda v: {"type": 1, "size": None, "indices": None, "values": v}
)
_sparse = st.integers(0, 3).map(
    lambda i: {"type": 0, "size": 4, "indices": [i], "values": [float(i)]}
)
LEAVES = [
    (pa.null(), st.none()),
    (pa.bool_(), st.booleans()),
    (pa.int8(), st.integers(-128, 127)),
    (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    (pa.float32(), st.floats(width=32)),
    (pa.float64(), st.floats()),
    (pa.string(), st.text(max_size=5)),
    (pa.binary(), st.binary(max_size=5)),
    (pa.decimal128(9, 2), st.integers(-(10**6), 10**6).map(lambda i: decimal.Decimal(i) / 100)),
    (pa.date32(), _DAYS),
    (pa.timestamp("us"), _TIMES),
    (pa.timestamp("us", tz="UTC"), _TIMES),
    (pa.duration("us"), st.timedeltas(dt.timedelta(-99), dt.timedelta(99))),
    (VECTOR, _dense | _sparse),
    (ERROR, st.fixed_dictionaries({"kind": st.text(max_size=3), "status": st.integers(0, 600)})),
]
# What a pandas frame or a Parquet file may bring into a local call.
LOCAL = [
    (pa.large_string(), st.text(max_size=5)),
    (pa.large_binary(), st.binary(max_size=5)),
    (pa.dictionary(pa.int32(), pa.string()), st.sampled_from("abc")),
    (pa.list_(pa.int32(), 2), st.lists(st.integers(0, 9), min_size=2, max_size=2)),
    (pa.large_list(pa.int32()), st.lists(st.integers(0, 9), max_size=2)),
]


def _nested(kinds):
    """Lists, maps and structs of what is known, nulls among them."""

    def listed(kind):
        return pa.list_(kind[0]), st.lists(st.none() | kind[1], max_size=3)

    def mapped(kind):
        pairs = st.dictionaries(st.sampled_from("abc"), st.none() | kind[1], max_size=2)
        return pa.map_(pa.string(), kind[0]), pairs.map(lambda found: list(found.items()))

    def struct(first, second):
        values = st.fixed_dictionaries({"x": st.none() | first[1], "y": st.none() | second[1]})
        return pa.struct([("x", first[0]), ("y", second[0])]), values

    return st.one_of(kinds.map(listed), kinds.map(mapped), st.builds(struct, kinds, kinds))


def kinds(*leaves):
    """A type, and a strategy of its values."""
    return st.recursive(st.sampled_from(leaves), _nested, max_leaves=4)


@st.composite
def tables(draw, kind, max_rows=9, max_columns=3):
    """Tables in one piece, columns that admit no null among them."""
    count = draw(st.integers(0, max_rows))
    columns, fields = [], []
    for at in range(draw(st.integers(1, max_columns))):
        type_, values = draw(kind)
        nullable = type_ == pa.null() or draw(st.integers(0, 3)) > 0
        item = st.none() | values if nullable else values
        columns.append(pa.array(draw(st.lists(item, min_size=count, max_size=count)), type_))
        fields.append(pa.field(f"c{at}", type_, nullable))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def cut(table, sizes):
    """The same rows in batches of such sizes, empty ones among them; the rest in one."""
    parts, start = [], 0
    for size in sizes:
        parts.append(table.slice(start, size))
        start = min(start + size, table.num_rows)
    parts.append(table.slice(start))
    return [b for p in parts for b in (p.to_batches() or [_empty(table.schema)])]


def _empty(schema):
    return pa.RecordBatch.from_pylist([], schema=schema)


def same(a, b):
    """Whether tables are equal to the bit, NaN and -0.0 included."""
    return a.schema.equals(b.schema) and repr(a.to_pylist()) == repr(b.to_pylist())
