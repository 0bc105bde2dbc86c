"""Requests from columns, and answers read, as column expressions of Spark.

::

    df.withColumn("request", to_http_request(col("url"), "POST", json=struct("text", "lang")))
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from pyspark.sql import Column
from pyspark.sql import functions as F

from irbis.errors import EngineError
from irbis.http.messages import REQUEST, write_requests
from irbis.http.request_columns import RequestsFromColumns
from irbis.spark_schema import spark_schema

__all__ = ["body_of", "header_of", "status_of", "text_of", "to_http_request"]

_NAMES = ("url", "method", "headers", "params", "json", "form", "files", "body")


def to_http_request(
    url: Column | str,
    method: Column | str = "GET",
    *,
    headers: Column | dict[str, str] | None = None,
    params: Column | dict[str, Any] | None = None,
    json: Column | None = None,
    form: Column | dict[str, Any] | None = None,
    files: Column | None = None,
    body: Column | bytes | None = None,
) -> Column:
    """Make a column of requests for HTTPTransformer; needs Spark 4.1.

    Every argument is a column, or a Python value that is the same in each row. Python values travel
    inside the function, so headers do not show in ``explain()``; a column made with ``lit`` does.
    A row whose request can't be made is null, which HTTPTransformer reports.

    Parameters
    ----------
    url, method : Column or str
        A str is the value itself, not the name of a column.
    headers, params, form : Column of struct or map, or dict
        Null fields are left out.
    json : Column
        Body as JSON, of any type.
    files : Column of struct or map
        Names to bytes; body as multipart/form-data, together with `form`.
    body : Column of binary or string, or bytes
        Body as it is.

    Returns
    -------
    Column
        Of the request struct.

    Raises
    ------
    EngineError
        On Spark 4.0.
    """
    if not hasattr(F, "arrow_udf"):
        raise EngineError(
            "Spark 4.0", expected="Spark 4.1 or later", do="use CustomInputParser, or upgrade"
        )
    given = dict(zip(_NAMES, (url, method, headers, params, json, form, files, body), strict=True))
    columns = {name: value for name, value in given.items() if isinstance(value, Column)}
    fixed = {n: v for n, v in given.items() if n not in columns and v is not None}
    make = RequestsFromColumns(tuple(columns), fixed)

    def requests(*values: pa.Array) -> pa.Array:
        return write_requests(make(values))

    returns = spark_schema(pa.schema([("v", REQUEST)])).fields[0].dataType
    # Spark evaluates a function without arguments once for nothing: it gets a column in any case.
    return F.arrow_udf(requests, returnType=returns)(*(columns.values() or [F.lit(1)]))


def status_of(response: Column) -> Column:
    """Status of a response, an int."""
    return response["statusLine"]["statusCode"]


def body_of(response: Column) -> Column:
    """Body of a response, binary."""
    return response["entity"]["content"]


def text_of(response: Column) -> Column:
    """Body of a response as UTF-8."""
    return F.decode(body_of(response), "UTF-8")


def header_of(response: Column, name: str) -> Column:
    """First value of a header by that name, whatever its case."""
    matching = F.filter(response["headers"], lambda h: F.lower(h["name"]) == name.lower())
    return F.get(matching, F.lit(0))["value"]
