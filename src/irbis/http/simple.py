"""SimpleHTTPTransformer: a value in, what the service makes of it out."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from irbis.converters import optional, text
from irbis.errors import ParamError
from irbis.http.converters import url
from irbis.http.functions import ParsedCallFunction, RequestParser
from irbis.http.headers import usable_url
from irbis.http.input_parsers import InputParser, JSONInputParser
from irbis.http.output_parsers import OutputParser
from irbis.http.transformer import CallingStage
from irbis.params import UNSET, ParamField, param
from irbis.schema import StreamFunction

__all__ = ["SimpleHTTPTransformer"]


def _input_parser(value: Any) -> InputParser:
    if not isinstance(value, InputParser):
        raise ValueError("a JSONInputParser or a CustomInputParser")
    return value


def _output_parser(value: Any) -> OutputParser:
    if not isinstance(value, OutputParser):
        raise ValueError("a JSONOutputParser, a StringOutputParser or a CustomOutputParser")
    return value


class SimpleHTTPTransformer(CallingStage):
    """Call a service with each value of a column.

    Parameters
    ----------
    inputCol : str, default "input"
        Any type that the input parser takes.
    outputCol : str, default "output"
        What the output parser makes; null wherever there is an error.
    inputParser : JSONInputParser or CustomInputParser, default None
        Makes the requests; None: a JSONInputParser. Its own inputCol and outputCol are not used.
    outputParser : JSONOutputParser, StringOutputParser or CustomOutputParser
        Reads the answers. Must be set.
    url : str, default None
        Address for a JSONInputParser; None: the parser's own.
    concurrency, connectTimeout, readTimeout, timeout, deadline, maxAttempts, backoff, maxWait
        See :class:`irbis.http.params.HasClient`, as for all the rest.
    retryMethods, retryStatuses, hopelessErrors, maxRedirects, maxResponseBytes
        When to repeat and when to stop. JSONInputParser sends POST: add it to retryMethods for a
        service that only computes.
    requestsPerSecond, maxConcurrentTasks
        The limit for the whole query.
    headers, headersFromEnv, http2, handler, execution
        What is added, by which protocol, how, and where from.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`; the kinds are in :data:`irbis.http.failure.KINDS`.

    Examples
    --------
    >>> from irbis import JSONOutputParser
    >>> from irbis.testing import fake_service
    >>> with fake_service() as service:
    ...     out = (
    ...         SimpleHTTPTransformer()
    ...         .setOutputParser(JSONOutputParser().setDataType("method string, body string"))
    ...         .setUrl(service.url)
    ...         .setInputCol("data")
    ...         .setOutputCol("results")
    ...         .transform(pa.table({"data": [1, None]}))
    ...     )
    >>> out["results"].to_pylist()
    [{'method': 'POST', 'body': '{"data":1}'}, None]
    >>> out["results_error"][1].as_py()["kind"]
    'null'
    """

    inputCol: ParamField[str] = param("column of values", text, default="input")
    outputCol: ParamField[str] = param("column of results", text, default="output")
    inputParser: ParamField[InputParser | None] = param(
        "makes the requests; None: a JSONInputParser", optional(_input_parser), default=None
    )
    outputParser: ParamField[OutputParser] = param(
        "reads the answers", _output_parser, default=UNSET
    )
    url: ParamField[str | None] = param(
        "address for a JSONInputParser; None: the parser's own", optional(url), default=None
    )

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """What the output parser makes, and errors."""
        self.input_field(schema)
        made = self.value("outputParser").arrow_type()
        return [pa.field(self.value("outputCol"), made), *self.error_fields()]

    def make_stream_function(self) -> StreamFunction:
        """See :class:`irbis.http.functions.ParsedCallFunction`."""
        return ParsedCallFunction(
            source=self.value("inputCol"),
            target=self.value("outputCol"),
            error=self.error_column(),
            parse_input=self._requests(),
            parse_output=self.value("outputParser").parser(),
            settings=self.settings(),
        )

    def _requests(self) -> RequestParser:
        parser: InputParser = self.value("inputParser") or JSONInputParser()
        chosen: str | None = self.value("url")
        if chosen is None:
            return parser.parser(self.value("inputCol"))
        if not isinstance(parser, JSONInputParser):
            raise ParamError(
                f"url together with a {type(parser).__name__}",
                expected="the parser to make the addresses",
                do="leave url out, or use a JSONInputParser",
            )
        return parser.parser(self.value("inputCol"), usable_url(chosen))
