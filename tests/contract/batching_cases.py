"""The mini-batch stages' cases: rows of several types, vectors and nulls among them, and lists."""

import pyarrow as pa
from hypothesis import strategies as st

import irbis
from irbis.schema import ERROR, VECTOR, to_error

_DENSE = {"type": 1, "size": None, "indices": None, "values": [1.5, -0.0]}
_SPARSE = {"type": 0, "size": 3, "indices": [1], "values": [2.0]}
_SCHEMA = pa.schema(
    [
        ("n", pa.int64()),
        ("text", pa.string()),
        ("vector", VECTOR),
        ("list", pa.list_(pa.float64())),
        ("nested", pa.struct([("a", pa.binary()), ("b", pa.list_(pa.struct([("c", VECTOR)])))])),
    ]
)
_RICH = [
    (1, "a", _DENSE, [1.0, None], {"a": b"x", "b": [{"c": _SPARSE}, None]}),
    (None, None, None, None, None),
    (3, "", _SPARSE, [], {"a": None, "b": []}),
    (4, "d", _DENSE, [float("nan")], {"a": b"", "b": None}),
    (5, "e", None, None, {"a": None, "b": [{"c": None}]}),
]


def _table(rows):
    columns = list(zip(*rows, strict=True)) or [()] * len(_SCHEMA)
    arrays = [pa.array(c, f.type) for c, f in zip(columns, _SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=_SCHEMA)


_LISTS = pa.schema(
    [
        ("n", pa.list_(pa.int64())),
        ("vector", pa.list_(VECTOR)),
        ("id", pa.int32()),
        ("output_error", ERROR),
    ]
)


def _lists(rows):
    n, vector, errors = ([r[i] for r in rows] for i in range(3))
    arrays = [
        pa.array(n, _LISTS.field("n").type),
        pa.array(vector, _LISTS.field("vector").type),
        pa.array(range(len(rows)), pa.int32()),
        to_error([("status", e) if e else None for e in errors]),
    ]
    return pa.Table.from_arrays(arrays, schema=_LISTS)


_ROWS_OF_LISTS = [
    ([1, None], [_DENSE, None], None),
    ([], [], None),
    (None, None, "404"),
    ([3, 4, 5], None, "500"),
    ([6, 7], [_SPARSE], None),
    ([8], [_DENSE, _SPARSE], "late"),
]


def batching_cases():
    """Name -> (stage, strategy of inputs, one rich input, examples to try)."""
    rows = st.lists(st.sampled_from(_RICH), max_size=9).map(_table)
    lists = st.lists(st.sampled_from(_ROWS_OF_LISTS), max_size=6).map(_lists)
    dynamic = irbis.DynamicMiniBatchTransformer(maxBatchSize=2)
    timed = irbis.TimeIntervalMiniBatchTransformer(millisToWait=5)
    return {
        "DynamicMiniBatchTransformer": (dynamic, rows, _table(_RICH), 25),
        "FixedMiniBatchTransformer": (
            irbis.FixedMiniBatchTransformer(batchSize=2),
            rows,
            _table(_RICH),
            25,
        ),
        "FlattenBatch": (irbis.FlattenBatch(), lists, _lists(_ROWS_OF_LISTS), 25),
        "PartitionConsolidator": (
            irbis.PartitionConsolidator(partitions=2),
            rows,
            _table(_RICH),
            10,
        ),
        "TimeIntervalMiniBatchTransformer": (timed, rows, _table(_RICH), 25),
    }
