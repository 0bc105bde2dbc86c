"""Rows into mini-batches and back, without Spark."""

import threading
import time
from concurrent.futures import Future

import pyarrow as pa
import pytest
from arrow_tables import LEAVES, LOCAL, cut, kinds, same, tables
from hypothesis import given, settings
from hypothesis import strategies as st

from irbis import (
    DynamicMiniBatchTransformer,
    FixedMiniBatchTransformer,
    FlattenBatch,
    PartitionConsolidator,
    PipelineModel,
    TimeIntervalMiniBatchTransformer,
)
from irbis.errors import ParamError, SchemaError
from irbis.http import ahead
from irbis.http.batchers import ArrivedBatches, FixedBatches

SIZES = st.lists(st.integers(0, 4), max_size=5)
BATCHERS = [
    FixedMiniBatchTransformer(batchSize=1),
    FixedMiniBatchTransformer(batchSize=3),
    FixedMiniBatchTransformer(batchSize=4, buffered=True, maxBufferSize=1),
    FixedMiniBatchTransformer(batchSize=100),
    DynamicMiniBatchTransformer(),
    DynamicMiniBatchTransformer(maxBatchSize=2),
    TimeIntervalMiniBatchTransformer(millisToWait=1),
    TimeIntervalMiniBatchTransformer(millisToWait=0, maxBatchSize=3),
]


def lengths(table):
    return [len(v) for v in table.column(0).to_pylist()]


@settings(max_examples=150)
@given(tables(kinds(*LEAVES, *LOCAL)), SIZES, st.sampled_from(BATCHERS))
def test_flatten_is_the_inverse(table, sizes, batcher):
    pieces = pa.Table.from_batches(cut(table, sizes), schema=table.schema)
    batched = batcher.transform(pieces)
    assert batched.schema.equals(batcher.output_schema(table.schema))
    assert batched.column_names == table.column_names
    assert sum(lengths(batched)) == table.num_rows
    assert 0 not in lengths(batched)
    assert same(FlattenBatch().transform(batched), table)
    fused = PipelineModel([batcher, FlattenBatch()]).transform(pieces)
    assert same(fused, table)


@given(tables(kinds(*LEAVES), max_rows=12), SIZES, st.integers(1, 6), st.integers(1, 3))
def test_fixed_lists_do_not_depend_on_how_the_input_is_cut(table, sizes, size, ahead_of):
    whole = FixedMiniBatchTransformer(batchSize=size).transform(table)
    n = table.num_rows
    assert lengths(whole) == [size] * (n // size) + [n % size] * (n % size > 0)
    pieces = pa.Table.from_batches(cut(table, sizes), schema=table.schema)
    for buffered in (False, True):
        stage = FixedMiniBatchTransformer(batchSize=size, buffered=buffered, maxBufferSize=ahead_of)
        assert same(stage.transform(pieces), whole)


def test_batches_of_batches():
    table = pa.table({"a": pa.array([[1], None, [], [2, None]], pa.list_(pa.int64()))})
    twice = [FixedMiniBatchTransformer(batchSize=2)] * 2
    assert PipelineModel(twice).transform(table)["a"].to_pylist() == [
        [[[1], None], [[], [2, None]]]
    ]
    back = PipelineModel([*twice, FlattenBatch(), FlattenBatch()]).transform(table)
    assert same(back, table)


def test_pandas_and_record_batches():
    batch = pa.record_batch({"a": [1, 2, 3], "b": ["x", None, "z"]})
    stage = FixedMiniBatchTransformer(batchSize=2)
    assert FlattenBatch().transform(stage.transform(batch)).equals(batch)
    frame = stage.transform(batch.to_pandas())
    assert [list(v) for v in frame["b"]] == [["x", None], ["z"]]
    assert FlattenBatch().transform(frame)["a"].tolist() == [1, 2, 3]


def batch(*values):
    return pa.record_batch({"a": pa.array(values, pa.int64())})


def held(found):
    return [v for b in found for v in b.column("a").to_pylist()]


class Source:
    """Batches that come when the test says so, on whatever thread asks for them."""

    def __init__(self, *batches, end=None):
        self.batches, self.end = batches, end
        self.read, self.open = 0, threading.Semaphore(0)
        self.closed = threading.Event()

    def __iter__(self):
        try:
            for item in self.batches:
                self.open.acquire()
                self.read += 1
                yield item
            self.open.acquire()
            if self.end is not None:
                raise self.end
        finally:
            self.closed.set()

    def give(self, count):
        for _ in range(count):
            self.open.release()

    def until_read(self, count):
        while self.read < count:
            time.sleep(0.001)


def quickly(function):
    """What a function returns or raises; fails where it hangs."""
    found = Future()

    def run():
        try:
            found.set_result(function())
        except BaseException as error:
            found.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return found.result(60)


def test_dynamic_takes_what_came_while_the_last_list_was_worked_on():
    source = Source(batch(1), batch(2), batch(3, 4), batch(), batch(5), batch(6, 7))
    stream = ArrivedBatches()(iter(source))
    source.give(1)
    assert held([quickly(lambda: next(stream))]) == [[1]]
    source.give(4)
    source.until_read(5)
    source.give(1)
    source.until_read(6)  # so batch 5 is waiting
    found = held([quickly(lambda: next(stream))])
    assert found[0][:4] == [2, 3, 4, 5]
    source.give(1)
    found += held(quickly(lambda: list(stream)))
    assert [v for part in found for v in part] == [2, 3, 4, 5, 6, 7]


def test_dynamic_lists_are_bounded():
    source = Source(batch(1, 2, 3, 4, 5), batch(6), batch(7))
    source.give(9)
    found = held(quickly(lambda: list(ArrivedBatches(2)(iter(source)))))
    assert [v for part in found for v in part] == [1, 2, 3, 4, 5, 6, 7]
    assert max(map(len, found)) == 2
    assert found[:2] == [[1, 2], [3, 4]]


def test_time_closes_a_list_even_if_no_row_comes():
    source = Source(batch(1), batch(2))
    stream = ArrivedBatches(wait=0.05)(iter(source))
    source.give(1)
    assert held([quickly(lambda: next(stream))]) == [[1]]
    assert source.read == 1  # it still waits for the second
    source.give(2)
    assert held(quickly(lambda: list(stream))) == [[2]]


@pytest.mark.parametrize("most", [2, None])
def test_a_list_waits_for_its_time_or_its_size_or_the_end(most):
    source = Source(batch(1), batch(2), batch(3))
    stream = ArrivedBatches(most, wait=3600.0)(iter(source))
    source.give(4 if most is None else 2)
    assert held([quickly(lambda: next(stream))]) == [[1, 2] if most else [1, 2, 3]]
    source.give(2)
    assert held(quickly(lambda: list(stream))) == ([[3]] if most else [])


def test_a_list_does_not_wait_once_reading_has_paused(monkeypatch):
    monkeypatch.setattr(ahead, "_BYTES", 16)
    source = Source(batch(1, 2), batch(3))
    stream = ArrivedBatches(wait=3600.0)(iter(source))
    source.give(1)
    assert held([quickly(lambda: next(stream))]) == [[1, 2]]
    source.give(2)
    assert held(quickly(lambda: list(stream))) == [[3]]


def test_reading_ahead_is_bounded():
    source = Source(*[batch(i, i) for i in range(50)])
    source.give(51)
    stream = FixedBatches(size=4, ahead=2)(iter(source))
    assert held([quickly(lambda: next(stream))]) == [[0, 0, 1, 1]]
    # 4 batches may wait, one is in the reader's hand, and two were taken.
    for _ in range(50):
        time.sleep(0.001)
        assert source.read <= 7
    assert len(held(quickly(lambda: list(stream)))) == 24


@pytest.mark.parametrize("function", [FixedBatches(2, 1), ArrivedBatches(2)])
def test_what_the_source_raises_comes_after_its_rows(function):
    source = Source(batch(1, 2), batch(3, 4), end=OSError("lost"))
    source.give(3)
    stream = function(iter(source))
    assert held([quickly(lambda: next(stream)), quickly(lambda: next(stream))]) == [[1, 2], [3, 4]]
    with pytest.raises(OSError, match="lost"):
        quickly(lambda: list(stream))


@pytest.mark.parametrize("function", [FixedBatches(1, 1), ArrivedBatches(1)])
def test_the_thread_ends_when_nobody_takes_the_lists(function):
    source = Source(*[batch(i) for i in range(50)])
    source.give(20)
    stream = function(iter(source))
    quickly(lambda: next(stream))
    stream.close()
    source.give(1)
    assert source.closed.wait(60)
    assert source.read < 50


def test_no_thread_stays():
    table = pa.table({"a": list(range(100))})
    for batcher in BATCHERS:
        batcher.transform(table)
    readers = [t for t in threading.enumerate() if t.name == "irbis-read-ahead"]
    for thread in readers:
        thread.join(60)
    assert not any(t.is_alive() for t in readers)


@pytest.mark.parametrize("batcher", BATCHERS, ids=lambda b: type(b).__name__)
def test_no_rows(batcher):
    table = pa.table({"a": pa.array([], pa.int64())})
    none = batcher.transform(table)
    assert none.num_rows == 0
    assert none.schema.field("a").type == pa.list_(pa.int64())
    assert same(FlattenBatch().transform(none), table)
    function = batcher.make_stream_function()
    assert list(function(iter([]))) == []
    assert [b.num_rows for b in function(iter([batch(), batch()]))] == [0]


def test_what_is_asked_for_wrongly():
    with pytest.raises(ParamError, match="batchSize"):
        FixedMiniBatchTransformer().transform(pa.table({"a": [1]}))
    with pytest.raises(ParamError, match="millisToWait"):
        TimeIntervalMiniBatchTransformer().transform(pa.table({"a": [1]}))
    for wrong in ({"batchSize": 0}, {"batchSize": 1, "maxBufferSize": 0}, {"buffered": 1}):
        with pytest.raises(ParamError):
            FixedMiniBatchTransformer(**wrong)
    with pytest.raises(ParamError):
        DynamicMiniBatchTransformer(maxBatchSize=0)
    with pytest.raises(ParamError):
        PartitionConsolidator(partitions=0)
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    for stage in (DynamicMiniBatchTransformer(), FlattenBatch()):
        with pytest.raises(SchemaError):
            stage.transform(twice)
    with pytest.raises(SchemaError, match="no columns"):
        DynamicMiniBatchTransformer().transform(pa.table({}))


def test_the_deck_s_spelling():
    stage = FixedMiniBatchTransformer().setBatchSize(10).setBuffered(True).setMaxBufferSize(2)
    assert (stage.getBatchSize(), stage.getBuffered(), stage.getMaxBufferSize()) == (10, True, 2)
    assert TimeIntervalMiniBatchTransformer().setMillisToWait(5).setMaxBatchSize(7)
    assert PartitionConsolidator().setPartitions(3).getPartitions() == 3
