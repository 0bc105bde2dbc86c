"""Stages that look ahead: one iterator function, and the per-batch form derived from it."""

import sys

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyspark import cloudpickle

from irbis import PipelineModel
from irbis.schema import put
from irbis.stage import Stage, StreamStage
from irbis.testing import check_stage

# Workers of a Connect server do not find the tests' modules.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


class Delayed:
    """Adds 1, always one batch behind, and cuts batches in two."""

    def __call__(self, batches):
        held = []
        for batch in batches:
            held.append(put(batch, "y", pc.add(batch.column("x"), 1)))
            if len(held) > 1:
                yield from self.halves(held.pop(0))
        for batch in held:
            yield from self.halves(batch)

    @staticmethod
    def halves(batch):
        half = batch.num_rows // 2
        yield batch.slice(0, half)
        yield batch.slice(half)


class Twice:
    def __call__(self, batch):
        return put(batch, "z", pc.multiply(batch.column("y"), 2))


class AddOne(StreamStage):
    def input_columns(self):
        return ["x"]

    def output_fields(self, schema):
        return [pa.field("y", pa.int64())]

    def make_stream_function(self):
        return Delayed()


class Double(Stage):
    def input_columns(self):
        return ["y"]

    def output_fields(self, schema):
        return [pa.field("z", pa.int64())]

    def make_function(self):
        return Twice()


TABLE = pa.table({"x": pa.array([1, None, 3, 4, 5], pa.int64())})


def test_local_contract():
    check_stage(AddOne(), TABLE)


def test_composed_with_a_batch_function():
    table = pa.concat_tables([TABLE.slice(0, 2), TABLE.slice(2, 0), TABLE.slice(2)])
    for source in (table, table.slice(0, 0)):
        out = PipelineModel([AddOne(), Double()]).transform(source)
        assert out["z"].to_pylist() == [
            None if x is None else 2 * (x + 1) for x in source["x"].to_pylist()
        ]


def test_neither_function_is_no_stage():
    class Nothing(StreamStage):
        def input_columns(self):
            return []

        def output_fields(self, schema):
            return []

    with pytest.raises(TypeError, match="make_stream_function"):
        Nothing()


def test_spark(spark):
    check_stage(AddOne(), TABLE, spark=spark)
    frame = spark.createDataFrame([(i,) for i in range(100)], "x long")
    out = PipelineModel([AddOne(), Double()]).transform(frame)
    assert {r.x: r.z for r in out.collect()} == {i: 2 * (i + 1) for i in range(100)}
