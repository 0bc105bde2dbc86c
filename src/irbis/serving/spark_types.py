"""Spark's types as what parseRequest takes."""

from __future__ import annotations

from typing import Any

from pyspark.sql.types import DataType, StructField, StructType

from irbis.serving.parse_types import parser_for
from irbis.serving.request_parser import RequestParser
from irbis.spark_schema import arrow_schema

__all__ = ["parser_of"]


def parser_of(schema: Any, output: str | None = None) -> RequestParser:
    """Make the parser of a Spark type, or of one in Spark's spelling.

    Raises
    ------
    ParamError

    Examples
    --------
    >>> from pyspark.sql.types import BinaryType
    >>> parser_of(BinaryType()).fields
    [pyarrow.Field<image: binary>]
    """
    if isinstance(schema, DataType):
        made = arrow_schema(StructType([StructField("value", schema)])).field(0).type
        return parser_for(made, output)
    return parser_for(schema, output)
