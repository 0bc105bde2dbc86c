"""The Arrow types that cross rooms, and the few moves every kernel makes on a batch.

This module imports no pyspark: kernels run in a worker, a server or a plain process alike.
:mod:`irbis.spark_schema` translates to Spark's types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import pyarrow as pa

from irbis.errors import SchemaError

__all__ = [
    "BOX",
    "DETECTIONS",
    "ERROR",
    "IMAGE",
    "VECTOR",
    "BatchFunction",
    "StreamFunction",
    "column",
    "field_of",
    "is_image",
    "is_picture",
    "is_vector",
    "put",
    "put_field",
    "to_error",
]

BatchFunction: TypeAlias = Callable[[pa.RecordBatch], pa.RecordBatch]
StreamFunction: TypeAlias = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]

# Spark's ImageSchema: BGR(A) or grey, 8 bit, rows top to bottom.
IMAGE = pa.struct(
    [
        pa.field("origin", pa.string()),
        pa.field("height", pa.int32()),
        pa.field("width", pa.int32()),
        pa.field("nChannels", pa.int32()),
        pa.field("mode", pa.int32()),
        pa.field("data", pa.binary()),
    ]
)
# Pixels of the upright picture, xmax and ymax exclusive.
BOX = pa.struct(
    [
        pa.field("xmin", pa.float32()),
        pa.field("ymin", pa.float32()),
        pa.field("xmax", pa.float32()),
        pa.field("ymax", pa.float32()),
        pa.field("label", pa.string()),
        pa.field("score", pa.float32()),
    ]
)
DETECTIONS = pa.list_(BOX)
ERROR = pa.struct(
    [
        pa.field("kind", pa.string()),
        pa.field("message", pa.string()),
        pa.field("status", pa.int32()),
        pa.field("attempts", pa.int32()),
    ]
)
# How Spark's VectorUDT travels in Arrow; the nullability is Spark's.
VECTOR = pa.struct(
    [
        pa.field("type", pa.int8(), nullable=False),
        pa.field("size", pa.int32()),
        pa.field("indices", pa.list_(pa.field("element", pa.int32(), nullable=False))),
        pa.field("values", pa.list_(pa.field("element", pa.float64(), nullable=False))),
    ]
)


def _field_names(type_: pa.DataType) -> tuple[str, ...]:
    return tuple(f.name for f in type_.fields) if pa.types.is_struct(type_) else ()


_IMAGE_NAMES, _VECTOR_NAMES = _field_names(IMAGE), _field_names(VECTOR)


def is_image(type_: pa.DataType) -> bool:
    """Whether a type is Spark's image struct, whatever the nullability of its fields."""
    return _field_names(type_) == _IMAGE_NAMES


def is_vector(type_: pa.DataType) -> bool:
    """Whether a type is how VectorUDT travels in Arrow."""
    return _field_names(type_) == _VECTOR_NAMES


def is_picture(type_: pa.DataType) -> bool:
    """Whether a column of the type can hold pictures: encoded bytes or an image struct."""
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    return pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or is_image(type_)


def field_of(schema: pa.Schema, name: str, *, reader: str) -> pa.Field:
    """Find a column a stage reads.

    Raises
    ------
    SchemaError
        If there is none, or more than one, by that name.
    """
    found = schema.get_all_field_indices(name)
    if len(found) != 1:
        what = "no column" if not found else f"{len(found)} columns"
        raise SchemaError(
            f"{what} named {name!r} among {schema.names}",
            expected=f"the one column that {reader} reads",
            do="rename a column or set the stage's input column",
        )
    return schema.field(found[0])


def put_field(schema: pa.Schema, field: pa.Field) -> pa.Schema:
    """Add a field at the end, or replace the one of that name where it stands (as withColumn does)."""
    at = schema.get_field_index(field.name)
    return schema.append(field) if at < 0 else schema.set(at, field)


def put(batch: pa.RecordBatch, name: str, values: pa.Array) -> pa.RecordBatch:
    """Add a column at the end, or replace the one of that name where it stands."""
    field = pa.field(name, values.type)
    at = batch.schema.get_field_index(name)
    if at < 0:
        return batch.append_column(field, values)
    return batch.set_column(at, field, values)


def column(batch: pa.RecordBatch, name: str) -> pa.Array:
    """Read a column with dictionaries decoded and 64-bit offsets narrowed."""
    values = batch.column(batch.schema.get_field_index(name))
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_large_binary(values.type):
        return values.cast(pa.binary())
    if pa.types.is_large_string(values.type):
        return values.cast(pa.string())
    return values


def to_error(errors: Sequence[tuple[str, str] | None]) -> pa.Array:
    """Build an error column.

    Parameters
    ----------
    errors : sequence of (kind, message) or None
        None where the row is good.

    Returns
    -------
    pa.Array
        Of type :data:`ERROR`; null where the row is good.

    Examples
    --------
    >>> to_error([None, ("decode", "not a picture")])[1].as_py()["kind"]
    'decode'
    """
    return pa.array(
        [
            None if e is None else {"kind": e[0], "message": e[1], "status": None, "attempts": None}
            for e in errors
        ],
        type=ERROR,
    )
