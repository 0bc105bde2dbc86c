"""The check that holds a stage to the whole contract; see :mod:`irbis.testing`."""

from __future__ import annotations

import pickle
import tempfile
from functools import reduce
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark import cloudpickle, ml
from pyspark.ml.linalg import DenseVector, SparseVector
from pyspark.sql import DataFrame, Row, SparkSession, functions

from irbis import fusion
from irbis.loading import load
from irbis.pipeline import PipelineModel
from irbis.planning import Relational
from irbis.schema import is_vector
from irbis.spark_schema import spark_schema
from irbis.testing.difference import difference

__all__ = ["check_local", "check_spark", "check_stage", "check_streaming", "splits", "to_spark"]

_ROW, _WAY = "check_stage_row", "check_stage_way"


def check_stage(stage: Any, table: pa.Table, *, spark: SparkSession | None = None) -> None:
    """Check every promise of a stage on one table.

    Without Spark: the declared schema is the produced one, empty and all-null batches included; the
    same answer however the rows are split, sliced or dictionary-encoded; twice the same, the input
    untouched; where a stage regroups rows into lists and can't promise which, the same items; the
    function and the stage pickle. With Spark, also: batch (both fusion modes) and streaming give the
    local answer, fused or not, and a saved copy does too, loaded in Spark and without it.

    Parameters
    ----------
    stage : Stage, EnsembleByKey or any transformer of irbis
    table : pa.Table
        Input; more kinds of rows make a better check.
    spark : SparkSession, optional
        Classic or Connect.

    Raises
    ------
    AssertionError
        With the promise that was broken.
    """
    check_local(stage, table)
    if spark is not None:
        check_spark(stage, table, spark)
        check_streaming(stage, table, spark)


def splits(table: pa.Table) -> dict[str, pa.Table]:
    """Return the same rows cut and encoded in several ways."""
    table = table.combine_chunks()
    n = table.num_rows
    padded = pa.concat_tables([table.slice(0, min(n, 1)), table]).combine_chunks()
    cut = max(1, n // 3)
    return {
        "one row a batch": _chunked(table, [1] * n),
        "uneven": _chunked(table, [cut, n - cut] if n > cut else [n]),
        "with empty batches": pa.concat_tables([table.slice(0, 0), table, table.slice(0, 0)]),
        "a slice": padded.slice(min(n, 1)),
        "dictionary-encoded": _dictionaries(table),
    }


def check_local(stage: Any, table: pa.Table) -> None:
    """Check what needs no Spark; see :func:`check_stage`."""
    relational = isinstance(stage, Relational)
    before = pickle.dumps(table.to_pylist())
    whole = stage.transform(table)
    declared = stage.output_schema(table.schema)
    assert whole.schema.equals(declared), f"declared {declared}\nproduced {whole.schema}"
    assert pickle.dumps(table.to_pylist()) == before, "the input was changed"
    _same(stage, "run twice", whole, stage.transform(table))
    empty = stage.transform(table.slice(0, 0))
    assert empty.schema.equals(declared), "an empty table: another schema"
    assert empty.num_rows == 0, "an empty table gave rows"
    nulls = pa.table({f.name: pa.nulls(2, f.type) for f in table.schema}, schema=table.schema)
    assert stage.transform(nulls).schema.equals(declared), "a table of nulls: another schema"
    for name, cut in splits(table).items():
        _same(stage, f"split: {name}", whole, stage.transform(cut))
    if relational:
        return
    if stage.rows == "one":
        assert whole.num_rows == table.num_rows, "rows='one', but the number of rows changed"
        made = {f.name for f in stage.output_fields(table.schema)}
        kept = [n for n in table.column_names if n not in made]
        if hasattr(stage, "selects"):  # a stage that lets columns go
            kept = stage.selects(kept)
        # Not Table.equals: to it NaN is not NaN.
        _same(stage, "a column it does not name", table.select(kept), whole.select(kept))
    # As Spark does it: a class of a notebook travels by value.
    function = pickle.loads(cloudpickle.dumps(stage.make_function()))
    batch = table.combine_chunks().to_batches()
    for part in batch:
        again = pa.Table.from_batches([function(part)])
        _same(stage, "the function, pickled", whole, again)


def check_spark(stage: Any, table: pa.Table, spark: SparkSession) -> None:
    """Check batch runs, fusion, copies and saving; see :func:`check_stage`."""
    numbered = table.append_column(_ROW, pa.array(range(table.num_rows), pa.int64()))
    relational = isinstance(stage, Relational)
    local = stage.transform(numbered)
    frame = to_spark(spark, numbered)

    ways = {
        "Spark batch": stage.transform(frame),
        "Spark batch, repartitioned": stage.transform(frame.repartition(3)),
        "in Spark's own pipeline": ml.PipelineModel([stage]).transform(frame),
        "in irbis's pipeline": PipelineModel([stage]).transform(frame),
    }
    if not relational:
        if stage.rows == "one" and fusion.HAS_ARROW_UDF:
            ways["struct UDF"] = fusion.transform_frame([stage], frame, mode="struct_udf")
        ways["mapInArrow"] = fusion.transform_frame([stage], frame, mode="map_in_arrow")
    # Lists follow partitions: what they hold is compared.
    items, ordered = stage.traits.regroups, not relational and _ROW in local.column_names
    for what, rows in _collect_all(ways, local).items():
        _same(stage, what, local, rows, ordered=ordered, items=items)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "stage")
        stage.save(path)
        stage.write().overwrite().save(path)
        loaded = type(stage).load(path)
        assert type(loaded) is type(stage), "saved and loaded: another class"
        assert loaded.uid == stage.uid, "saved and loaded: another uid"
        _same(stage, "saved and loaded", local, loaded.transform(numbered))
        _same(stage, "loaded without Spark", local, load(path).transform(numbered))
        _same(stage, "copied", local, stage.copy().transform(numbered))


def check_streaming(stage: Any, table: pa.Table, spark: SparkSession) -> None:
    """Check that a stream of files gives the batch's rows; see :func:`check_stage`."""
    if isinstance(stage, Relational):
        return  # an aggregation in a stream needs a watermark or another output mode
    numbered = table.append_column(_ROW, pa.array(range(table.num_rows), pa.int64()))
    local = stage.transform(numbered)
    with tempfile.TemporaryDirectory() as folder:
        source, sink = f"{folder}/in", f"{folder}/out"
        frame = to_spark(spark, numbered)
        frame.repartition(2).write.parquet(source)
        stream = spark.readStream.schema(frame.schema).parquet(source)
        query = (
            stage.transform(stream)
            .writeStream.format("parquet")
            .option("checkpointLocation", f"{folder}/checkpoint")
            .trigger(availableNow=True)
            .start(sink)
        )
        query.awaitTermination(120)
        assert query.exception() is None, f"streaming: {query.exception()}"
        result = spark.read.parquet(sink)
        found = _collect(result, local)
        ordered = _ROW in local.column_names
        _same(stage, "streaming", local, found, ordered=ordered, items=stage.traits.regroups)


def to_spark(spark: SparkSession, table: pa.Table) -> DataFrame:
    """Spark DataFrame of a table; vector structs become vectors, dictionaries are decoded."""
    schema = spark_schema(table.schema)
    plain = _plain(table)
    # createDataFrame can't make vectors of Arrow data; a mapInArrow over a known frame can.
    if not any(_holds_vector(f.type) for f in table.schema):
        return spark.createDataFrame(plain, schema=schema)
    batches = [b.serialize().to_pybytes() for b in plain.combine_chunks().to_batches()]
    header = plain.schema.serialize().to_pybytes()

    def read(_: Any) -> Any:
        known = pa.ipc.read_schema(pa.py_buffer(header))
        for _batch in _:
            for item in batches:
                yield pa.ipc.read_record_batch(pa.py_buffer(item), known)

    return spark.range(1).repartition(1).mapInArrow(read, schema)


def _holds_vector(type_: pa.DataType) -> bool:
    if is_vector(type_):
        return True
    return any(_holds_vector(type_.field(i).type) for i in range(type_.num_fields))


def _plain(table: pa.Table) -> pa.Table:
    for at, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            decoded = table.column(at).cast(field.type.value_type)
            table = table.set_column(at, field.name, decoded)
    return table


def _chunked(table: pa.Table, sizes: list[int]) -> pa.Table:
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    parts = [table.slice(s, n).combine_chunks() for s, n in zip(starts, sizes, strict=True)]
    return pa.concat_tables(parts) if parts else table


def _dictionaries(table: pa.Table) -> pa.Table:
    for at, field in enumerate(table.schema):
        if pa.types.is_binary(field.type) or pa.types.is_string(field.type):
            coded = table.column(at).combine_chunks()
            if isinstance(coded, pa.ChunkedArray):
                continue
            table = table.set_column(at, field.name, coded.dictionary_encode())
    return table


def _collect_all(frames: dict[str, DataFrame], like: pa.Table) -> dict[str, list[dict[str, Any]]]:
    """Rows of several frames that should be alike, in one Spark job."""
    tagged = []
    for what, frame in frames.items():
        _same_columns(frame, like)
        tagged.append(frame.select(functions.lit(what).alias(_WAY), "*"))
    found: dict[str, list[dict[str, Any]]] = {what: [] for what in frames}
    for row in reduce(DataFrame.union, tagged).collect():
        found[row[_WAY]].append({name: _plain_value(row[name]) for name in like.column_names})
    return found


def _collect(result: DataFrame, like: pa.Table) -> list[dict[str, Any]]:
    # Not toArrow(): on 4.3 it fails on a vector column with nulls in it.
    _same_columns(result, like)
    return [{name: _plain_value(row[name]) for name in result.columns} for row in result.collect()]


def _same_columns(frame: DataFrame, like: pa.Table) -> None:
    names = like.column_names
    assert frame.columns == names, f"columns {frame.columns}, expected {names}"


def _plain_value(value: Any) -> Any:
    if isinstance(value, Row):
        return {k: _plain_value(v) for k, v in value.asDict().items()}
    if isinstance(value, DenseVector):
        return {"type": 1, "size": None, "indices": None, "values": value.toArray().tolist()}
    if isinstance(value, SparseVector):
        found = {"indices": value.indices.tolist(), "values": value.values.tolist()}
        return {"type": 0, "size": value.size, **found}
    if isinstance(value, list):
        return [_plain_value(v) for v in value]
    return bytes(value) if isinstance(value, bytearray) else value


def _items(found: pa.Table | list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that were put into rows of lists."""
    rows = found.to_pylist() if isinstance(found, pa.Table) else found
    return [
        dict(zip(row, items, strict=True))
        for row in rows
        for items in zip(*row.values(), strict=True)
    ]


def _rows(found: pa.Table | list[dict[str, Any]], ordered: bool) -> list[dict[str, Any]]:
    rows = found.to_pylist() if isinstance(found, pa.Table) else found
    if rows and _ROW in rows[0]:
        return sorted(rows, key=lambda r: r[_ROW])  # stable: rows of one origin keep their order
    return rows if ordered else sorted(rows, key=repr)


def _same(
    stage: Any, what: str, a: Any, b: Any, *, ordered: bool = True, items: bool = False
) -> None:
    if items or (stage.traits.regroups and not stage.traits.split_invariant):
        a, b = _items(a), _items(b)
    left, right = _rows(a, ordered), _rows(b, ordered)
    assert len(left) == len(right), f"{what}: {len(left)} rows, then {len(right)}"
    for i, (x, y) in enumerate(zip(left, right, strict=True)):
        where = difference(x, y, stage.traits)
        assert where is None, f"{what}: row {i} differs at {where}"
