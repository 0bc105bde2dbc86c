"""http_udf: a Python function from a row to a request, as a column expression that calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
from pyspark.sql import Column
from pyspark.sql import functions as F

from irbis.errors import EngineError, ParamError
from irbis.http.messages import RESPONSE
from irbis.http.params import HasClient
from irbis.http.udf_function import RowCalls
from irbis.schema import ERROR
from irbis.spark_schema import spark_schema

__all__ = ["http_udf"]

#: What the expression gives: the response, and what went wrong.
RESULT = pa.struct([("response", RESPONSE), ("error", ERROR)])


class _Client(HasClient):
    pass


def http_udf(function: Callable[..., Any], **params: Any) -> Callable[..., Column]:
    """Turn a function that makes a request into a column expression that sends it; needs Spark 4.1.

    ::

        search = http_udf(lambda word: HTTPRequest("GET", f"https://api.example/?q={word}"))
        df.withColumn("answer", search("word"))

    Parameters
    ----------
    function : callable
        From the values of one row to an :class:`irbis.HTTPRequest`, or a Request of the requests
        library; None sends nothing.
    **params
        Params of :class:`irbis.http.params.HasClient`, such as ``concurrency=64``.

    Returns
    -------
    callable
        From columns to a column of struct(response, error). Spark takes it for non-deterministic,
        so that no call is made twice by an optimisation.

    Raises
    ------
    ParamError
        For execution="driver", which an expression can't do.
    EngineError
        On Spark 4.0.
    """
    if not hasattr(F, "arrow_udf"):
        raise EngineError(
            "Spark 4.0", expected="Spark 4.1 or later", do="use SimpleHTTPTransformer, or upgrade"
        )
    client = _Client(**params)
    if client.on_driver:
        raise ParamError("http_udf(execution='driver')", do="use SimpleHTTPTransformer")
    calls = RowCalls(function, client.settings())
    returns = spark_schema(pa.schema([("v", RESULT)])).fields[0].dataType

    def one(batches: Iterator[pa.Array]) -> Iterator[pa.Array]:
        return calls((values,) for values in batches)

    def several(batches: Iterator[tuple[pa.Array, ...]]) -> Iterator[pa.Array]:
        return calls(batches)

    def expression(*columns: Column | str) -> Column:
        # Spark tells the two forms apart by their annotations.
        body: Any = one if len(columns) == 1 else several
        body.__annotations__ = {
            "batches": Iterator[pa.Array] if len(columns) == 1 else Iterator[tuple[pa.Array, ...]],
            "return": Iterator[pa.Array],
        }
        return F.arrow_udf(body, returnType=returns).asNondeterministic()(*columns)

    return expression
