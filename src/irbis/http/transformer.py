"""HTTPTransformer: a column of requests, sent; a column of responses."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame

from irbis.converters import text
from irbis.errors import ParamError
from irbis.http import driver
from irbis.http.functions import CallFunction
from irbis.http.messages import RESPONSE, require_request
from irbis.http.params import HasClient
from irbis.params import ParamField, param
from irbis.schema import StreamFunction, field_of
from irbis.stage import HasErrors, StreamStage, Traits

__all__ = ["CallingStage", "HTTPTransformer"]


class CallingStage(HasClient, HasErrors, StreamStage):
    """A stage that calls a service, from workers or from the driver."""

    traits = Traits(pure=False, varies=("elapsed",), why="what a service answers is its own affair")

    def input_columns(self) -> list[str]:
        """The input column."""
        return [self.value("inputCol")]

    def input_field(self, schema: pa.Schema) -> pa.Field:
        """Return the input column's field.

        Raises
        ------
        SchemaError, ParamError
        """
        found = field_of(schema, self.value("inputCol"), reader=type(self).__name__)
        if found.name == self.value("outputCol"):
            raise ParamError(f"outputCol={found.name!r}", expected="another name than inputCol")
        return found

    def transform(self, dataset: Any, params: Any = None) -> Any:
        """Run the stage; see :meth:`irbis.Stage.transform`."""
        stage = self.copy(params) if params else self
        if stage.on_driver and isinstance(dataset, DataFrame):
            return driver.transform(stage, dataset)
        return super().transform(dataset, params)

    __call__ = transform


class HTTPTransformer(CallingStage):
    """Send each request of a column and put the response beside it.

    Parameters
    ----------
    inputCol : str, default "request"
        Structs of requests, as :func:`irbis.http.columns.to_http_request` and JSONInputParser make
        them.
    outputCol : str, default "response"
        Struct of headers, entity, statusLine, locale, attempts and elapsed (seconds). Null where no
        answer came; a status that is not 2xx has its response here, and its error too.
    concurrency, connectTimeout, readTimeout, timeout, deadline, maxAttempts, backoff, maxWait
        See :class:`irbis.http.params.HasClient`, as for all the rest.
    retryMethods, retryStatuses, hopelessErrors, maxRedirects, maxResponseBytes
        When to repeat and when to stop.
    requestsPerSecond, maxConcurrentTasks
        The limit for the whole query.
    headers, headersFromEnv, http2, handler, execution
        What is added, by which protocol, how, and where from.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`; the kinds are in :data:`irbis.http.failure.KINDS`.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from irbis import HTTPRequest
    >>> from irbis.http.messages import write_requests
    >>> from irbis.testing import fake_service
    >>> with fake_service() as service:
    ...     table = pa.table({"request": write_requests([HTTPRequest("GET", service.url + "/a")])})
    ...     out = HTTPTransformer().transform(table)
    >>> out["response"][0].as_py()["statusLine"]["statusCode"], out["response_error"].to_pylist()
    (200, [None])
    """

    inputCol: ParamField[str] = param("column of requests", text, default="request")
    outputCol: ParamField[str] = param("column of responses", text, default="response")

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A response, and errors."""
        require_request(self.input_field(schema))
        return [pa.field(self.value("outputCol"), RESPONSE), *self.error_fields()]

    def make_stream_function(self) -> StreamFunction:
        """See :class:`irbis.http.functions.CallFunction`."""
        return CallFunction(
            source=self.value("inputCol"),
            target=self.value("outputCol"),
            error=self.error_column(),
            settings=self.settings(),
        )
