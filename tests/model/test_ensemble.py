"""EnsembleByKey: every strategy against plain Python, local against Spark, keys as Spark has them."""

import math
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis import EnsembleByKey
from irbis.errors import ParamError, SchemaError
from irbis.schema import VECTOR
from irbis.testing import check_local, check_spark, to_spark

NAN = float("nan")
SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("level", pa.float64()),
        ("v", VECTOR),
        ("list", pa.list_(pa.float32())),
        ("x", pa.float64()),
        ("n", pa.int32()),
        ("s", pa.string()),
        ("b", pa.bool_()),
    ]
)
NUMBERS = ["v", "list", "x", "n"]
COLS = {"mean": NUMBERS, "max": NUMBERS, "vote": [*NUMBERS, "s", "b"]}


def vector(values, size=None):
    """Dense, or sparse where a size is given and values are {index: value}."""
    if values is None:
        return None
    if size is None:
        return {"type": 1, "size": None, "indices": None, "values": values}
    return {"type": 0, "size": size, "indices": [*values], "values": [*values.values()]}


_odd = st.sampled_from([0.0, -0.0, 1.0, 2.0, NAN, math.inf])
_vector = st.one_of(
    st.lists(_odd, max_size=3).map(vector),
    st.dictionaries(st.integers(0, 2), st.sampled_from([1.0, 2.0]), max_size=2).map(
        lambda d: vector(dict(sorted(d.items())), 3)
    ),
)
_row = st.fixed_dictionaries(
    {
        "key": st.sampled_from(["a", "b", "é", None]),
        "level": st.one_of(st.none(), _odd),
        "v": st.one_of(st.none(), _vector),
        "list": st.one_of(st.none(), st.lists(st.one_of(st.none(), _odd), max_size=3)),
        "x": st.one_of(st.none(), _odd),
        "n": st.one_of(st.none(), st.integers(-2, 2)),
        "s": st.sampled_from(["a", "b", "B", "é", "", None]),
        "b": st.sampled_from([True, False, None]),
    }
)


def table_of(rows):
    return pa.Table.from_pylist(rows, schema=SCHEMA)


tables = st.lists(_row, max_size=12).map(table_of)


def rank(value):
    """Order and equality as Spark has them: NaN above all numbers, one zero."""
    if isinstance(value, float):
        return (1, 0.0) if math.isnan(value) else (0, value + 0.0)
    return value.encode() if isinstance(value, str) else value


def group_of(value):
    return None if value is None else repr(rank(value))


def values_of(value):
    if isinstance(value, dict):
        dense = [0.0] * value["size"] if value["type"] == 0 else value["values"]
        if value["type"] == 0:
            for i, v in zip(value["indices"], value["values"]):
                dense[i] = v
        value = dense
    return None if isinstance(value, list) and None in value else value


def expected(values, strategy):
    known = [v for v in map(values_of, values) if v is not None]
    if strategy == "vote":
        if known and isinstance(known[0], list):
            known = [float(max(range(len(v)), key=lambda i: (rank(v[i]), -i))) for v in known if v]
        counts = Counter(map(rank, known))
        best = min(counts, key=lambda r: (-counts[r], r), default=None)
        return next((v for v in known if rank(v) == best), None)
    if not known or (isinstance(known[0], list) and len({len(v) for v in known}) > 1):
        return None
    if isinstance(known[0], list):
        return [expected(list(column), strategy) for column in zip(*known)]
    return max(known, key=rank) if strategy == "max" else sum(known) / len(known)


def same(a, b):
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-9)
    return a == b


@pytest.mark.parametrize("strategy", COLS)
def test_local_is_what_plain_python_says(strategy):
    stage = EnsembleByKey(keys=["key", "level"], cols=COLS[strategy], strategy=strategy)

    @given(tables)
    def check(table):
        groups = {}
        for row in table.to_pylist():
            key = (group_of(row["key"]), group_of(row["level"]))
            groups.setdefault(key, []).append(row)
        found = stage.transform(table).to_pylist()
        assert [(group_of(r["key"]), group_of(r["level"])) for r in found] == list(groups)
        for row, members in zip(found, groups.values()):
            for name in COLS[strategy]:
                said = values_of(row[f"{strategy}({name})"])
                wanted = expected([m[name] for m in members], strategy)
                assert same(said, wanted), (name, said, wanted, members)
        check_local(stage, table)
        check_local(stage.copy({stage.collapseGroup: False}), table)

    check()


def many(count=400):
    rng = np.random.default_rng(3)

    def pick(*choices):
        return choices[rng.integers(len(choices))]

    def odd():
        return pick(0.0, -0.0, 1.0, 2.5, NAN, -math.inf)

    def row(i):
        size = i % 7 // 2 if i % 5 == 0 else 3  # some groups hold several lengths
        dense = vector([odd() for _ in range(size)])
        return {
            "key": pick(*[f"k{k}" for k in range(40)], None),
            "level": pick(0.0, -0.0, NAN, None),
            "v": pick(dense, dense, dense, vector({1: 2.0}, 3), None),
            "list": pick([odd(), odd()], [odd(), None], [odd(), odd()], None),
            "x": pick(odd(), odd(), None),
            "n": pick(1, 2, 3, None),
            "s": pick("a", "b", "é", "", None),
            "b": pick(True, False, None),
        }

    return table_of([row(i) for i in range(count)])


@pytest.mark.parametrize("collapse", [True, False])
@pytest.mark.parametrize("strategy", COLS)
def test_spark_answers_as_local(strategy, collapse, spark):
    stage = EnsembleByKey(
        keys=["key", "level"], cols=COLS[strategy], strategy=strategy, collapseGroup=collapse
    )
    table = many()
    if collapse:
        check_spark(stage, table, spark)
    frame = to_spark(spark, table.append_column("i", pa.array(range(len(table)))))
    made = [f"{strategy}({c})" for c in COLS[strategy]]
    by = ["key", "level"] if collapse else ["i"]
    local = stage.transform(table.append_column("i", pa.array(range(len(table))))).to_pylist()
    there = {tuple(group_of(r[k]) for k in by): r for r in stage.transform(frame).collect()}
    assert len(there) == len(local)
    for row in local:
        other = there[tuple(group_of(row[k]) for k in by)]
        for name in made:
            said = other[name]
            said = said.toArray().tolist() if hasattr(said, "toArray") else said
            assert same(said, values_of(row[name])), (name, said, row[name])


def test_a_tie_goes_to_the_smallest():
    table = pa.table({"k": [1, 1, 1, 1], "s": ["b", "a", "b", "a"], "p": [[0, 1], [1, 0]] * 2})
    found = EnsembleByKey(keys=["k"], cols=["s", "p"], strategy="vote").transform(table)
    assert found.to_pylist() == [{"k": 1, "vote(s)": "a", "vote(p)": 0.0}]


@pytest.mark.parametrize(
    ("values", "distinct"),
    [
        (pa.array([NAN, 0.0, -0.0, NAN, None, None]), 3),
        (pa.array([[NAN], [0.0], [-0.0], [NAN], None, None]), 3),
        (pa.array([{"a": NAN}, {"a": 0.0}, {"a": -0.0}, {"a": NAN}, None, None]), 3),
        (pa.array([b"x", b"y", b"x", b"", None, None]), 4),
        (pa.array(["x", "y", "x", "", None, None]).dictionary_encode(), 4),
        (pa.array([1, 2, 1, 3, None, None], pa.timestamp("us", "UTC")), 4),
    ],
    ids=["floats", "lists", "structs", "bytes", "dictionary", "times"],
)
def test_keys_of_any_type(values, distinct):
    table = pa.table({"k": values, "x": range(6)})
    stage = EnsembleByKey(keys=["k"], cols=["x"])
    found = stage.transform(table)
    assert found.num_rows == distinct
    assert found["k"].type == values.type
    assert stage.copy({stage.collapseGroup: False}).transform(table).num_rows == 6


def test_a_zero_key_comes_back_as_spark_gives_it():
    table = pa.table({"k": [-0.0, 0.0], "x": [1, 2]})
    (key,) = EnsembleByKey(keys=["k"], cols=["x"]).transform(table)["k"].to_pylist()
    assert math.copysign(1, key) == 1


def test_result_replaces_a_column_of_its_name():
    table = pa.table({"k": [1, 1], "x": [1.0, 2.0], "y": [0, 0]})
    stage = EnsembleByKey(keys=["k"], cols=["x"], colNames=["x"], collapseGroup=False)
    assert stage.transform(table).to_pydict() == {"k": [1, 1], "x": [1.5, 1.5], "y": [0, 0]}


@pytest.mark.parametrize(
    ("params", "error", "says"),
    [
        ({"strategy": "median"}, ParamError, "'mean', 'max', 'vote'"),
        ({"watermark": "soon"}, ParamError, "10 minutes"),
        ({"watermark": "0 seconds"}, ParamError, "above zero"),
        ({"watermark": "1 month"}, ParamError, "weeks"),
        ({"cols": ["s"]}, SchemaError, "for a mean"),
        ({"cols": ["s"], "strategy": "max"}, SchemaError, "for a max"),
        ({"cols": ["bytes"], "strategy": "vote"}, SchemaError, "a string or a boolean"),
        ({"keys": ["map"]}, SchemaError, "a key that can be compared"),
    ],
)
def test_what_is_wrong_is_said_early(params, error, says):
    map_ = pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64()))
    table = pa.table({"k": [1], "x": [1.0], "s": ["a"], "bytes": [b"a"], "map": map_})
    with pytest.raises(error, match=says):
        EnsembleByKey(**{"keys": ["k"], "cols": ["x"], **params}).transform(table)


def test_times_change_nothing_outside_a_stream():
    table = pa.table({"k": [1, 1], "x": [1.0, 2.0]})
    stage = EnsembleByKey(keys=["k"], cols=["x"], eventTimeCol="none here", watermark="1 second")
    assert stage.transform(table).to_pydict() == {"k": [1], "mean(x)": [1.5]}
