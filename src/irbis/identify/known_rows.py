"""Rows of a table of known individuals, with the keypoints of their chips."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from irbis.execution import run
from irbis.identify.chip_features import ChipFeatures
from irbis.identify.chip_params import ReadsChips
from irbis.identify.matching_params import named_field
from irbis.params import HasParams
from irbis.spark_schema import arrow_schema, quoted

__all__ = ["known_rows", "rows_of"]

_FEATURES, _ERROR = "irbis chip features", "irbis chip error"
_CHIPS = (
    "inputCol",
    "boxCol",
    "maskCol",
    "chipSize",
    "maxKeypoints",
    "contrastThreshold",
    "tilts",
    "maxPixels",
    "featurizer",
)
_AT_A_TIME = 32


def known_rows(stage: Any, dataset: Any, name: str) -> Iterator[dict[str, Any]]:
    """Find keypoints where the rows are, and hand them over one by one.

    Parameters
    ----------
    stage : HotSpotter or HotSpotterModel
        Whose Params say how.
    dataset : DataFrame, pa.Table, pa.RecordBatch or pandas.DataFrame
    name : str
        Column of individuals.

    Yields
    ------
    dict with name, event, station, annotation, features, error

    Raises
    ------
    SchemaError
        At the call, if a column is missing.
    """
    columns = {"name": name, **_asides(stage)}
    features = ChipFeatures(outputCol=_FEATURES, errorCol=_ERROR, **_values(stage))
    frame = dataset if isinstance(dataset, DataFrame) else _table(dataset)
    schema = arrow_schema(frame.schema) if isinstance(frame, DataFrame) else frame.schema
    features.output_schema(schema)
    for wanted in columns.values():
        named_field(schema, wanted, reader=type(stage).__name__)
    return (
        _spark(features, frame, columns)
        if isinstance(frame, DataFrame)
        else _arrow(features, frame, columns)
    )


def rows_of(dataset: Any, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    """Columns of a frame or a table, row by row."""
    if isinstance(dataset, DataFrame):
        for row in dataset.select(*(F.col(quoted(c)) for c in columns)).toLocalIterator():
            found = row.asDict(recursive=True)
            yield tuple(found[c] for c in columns)
        return
    for row in _table(dataset).select(columns).to_pylist():
        yield tuple(row[c] for c in columns)


def _values(stage: ReadsChips) -> dict[str, Any]:
    return stage.copied(_CHIPS)


def _asides(stage: HasParams) -> dict[str, str]:
    named = {k: stage.value(f"{k}Col") for k in ("event", "station", "annotation")}
    return {key: column for key, column in named.items() if column is not None}


def _table(dataset: Any) -> pa.Table:
    if isinstance(dataset, pa.RecordBatch):
        return pa.Table.from_batches([dataset])
    return dataset if isinstance(dataset, pa.Table) else pa.Table.from_pandas(dataset)


def _arrow(
    features: ChipFeatures, table: pa.Table, columns: dict[str, str]
) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=_AT_A_TIME):
        done = run([features], pa.Table.from_batches([batch]))
        for row in done.select([*set(columns.values()), _FEATURES, _ERROR]).to_pylist():
            yield _row(row, columns)


def _spark(
    features: ChipFeatures, frame: DataFrame, columns: dict[str, str]
) -> Iterator[dict[str, Any]]:
    needed = dict.fromkeys([*features.input_columns(), *columns.values()])
    done = run([features], frame.select(*(F.col(quoted(c)) for c in needed)))
    kept = [*dict.fromkeys(columns.values()), _FEATURES, _ERROR]
    for row in done.select(*(F.col(quoted(c)) for c in kept)).toLocalIterator():
        yield _row(row.asDict(recursive=True), columns)


def _row(row: dict[str, Any], columns: dict[str, str]) -> dict[str, Any]:
    out: dict[str, Any] = dict.fromkeys(("name", "event", "station", "annotation"))
    for key, column in columns.items():
        value = row[column]
        out[key] = None if value is None else str(value)
    return {**out, "features": row[_FEATURES], "error": row[_ERROR]}
