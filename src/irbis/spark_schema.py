"""Between Spark's types and Arrow's: the one place that touches pyspark's conversion functions."""

from __future__ import annotations

from inspect import signature
from typing import Any

import pyarrow as pa
from pyspark.ml.linalg import VectorUDT
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema
from pyspark.sql.types import ArrayType, DataType, StructField, StructType

from irbis.errors import SchemaError
from irbis.schema import is_vector

# Newer Sparks ask for the zone of timestamps, 4.0 takes UTC by itself.
_ZONE: dict[str, Any] = (
    {"timezone": "UTC"} if "timezone" in signature(to_arrow_schema).parameters else {}
)

__all__ = ["arrow_schema", "quoted", "spark_schema"]


def arrow_schema(schema: StructType) -> pa.Schema:
    """Arrow schema of a Spark schema; VectorUDT becomes its struct.

    Raises
    ------
    SchemaError
        For a type that Spark does not send to Python.
    """
    try:
        return to_arrow_schema(schema, **_ZONE)
    except Exception as error:  # pyspark raises several classes here
        raise SchemaError(f"schema {schema.simpleString()}: {error}") from error


def spark_schema(schema: pa.Schema, like: StructType | None = None) -> StructType:
    """Spark schema of an Arrow schema; the vector struct becomes VectorUDT.

    Parameters
    ----------
    schema : pa.Schema
    like : StructType, optional
        Fields of the same name whose Arrow type agrees keep the type they have here, in lists and
        out of them too: the way back from Arrow is not unique (a struct that was a UDT).
    """
    plain = from_arrow_schema(pa.schema([_plain(f) for f in schema]))
    known = {} if like is None else {f.name: f for f in like.fields}
    fields = []
    for arrow, spark in zip(schema, plain.fields, strict=True):
        original = known.get(arrow.name)
        if original is not None and _arrow_type(original) == arrow.type:
            # A null in a column that is declared to have none would be read as a value.
            nullable = original.nullable or arrow.nullable
            fields.append(StructField(arrow.name, original.dataType, nullable, original.metadata))
            continue
        kept = None if original is None else _listed_or_opened(original, arrow.type)
        made = kept or _with_vectors(arrow.type, spark.dataType)
        fields.append(StructField(arrow.name, made))
    return StructType(fields)


def quoted(name: str) -> str:
    """Column name for ``F.col``: dots and backticks taken literally."""
    return "`" + name.replace("`", "``") + "`"


def _arrow_type(field: StructField) -> pa.DataType:
    return arrow_schema(StructType([field])).field(0).type


def _listed_or_opened(original: StructField, made: pa.DataType) -> DataType | None:
    """Type of a list of the original's values, or of what the original has lists of."""
    known = _arrow_type(original)
    if pa.types.is_list(made) and made.value_type == known:
        return ArrayType(original.dataType)
    if isinstance(original.dataType, ArrayType) and known.value_type == made:
        return original.dataType.elementType
    return None


def _plain(field: pa.Field) -> pa.Field:
    # Dictionary encoding is a local matter; Spark has no such type.
    if pa.types.is_dictionary(field.type):
        return field.with_type(field.type.value_type)
    return field


def _with_vectors(arrow: pa.DataType, spark: DataType) -> DataType:
    if is_vector(arrow):
        return VectorUDT()
    if pa.types.is_list(arrow) and isinstance(spark, ArrayType):
        return ArrayType(_with_vectors(arrow.value_type, spark.elementType))
    if pa.types.is_struct(arrow) and isinstance(spark, StructType):
        return StructType(
            [
                StructField(s.name, _with_vectors(a.type, s.dataType))
                for a, s in zip(arrow.fields, spark.fields, strict=True)
            ]
        )
    return spark
