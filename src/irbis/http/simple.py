"""SimpleHTTPTransformer: a value in, what the service makes of it out."""

from __future__ import annotations

from typing import Any, Literal

import pyarrow as pa

from irbis.converters import flag, optional, text
from irbis.errors import ParamError
from irbis.http.batching import MiniBatcher
from irbis.http.converters import url
from irbis.http.functions import ParsedCallFunction, RequestParser
from irbis.http.headers import usable_url
from irbis.http.input_parsers import InputParser, JSONInputParser
from irbis.http.output_parsers import OutputParser
from irbis.http.spreading import Spread, spread_type
from irbis.http.transformer import CallingStage
from irbis.params import UNSET, ParamField, param
from irbis.schema import StreamFunction
from irbis.streaming import Composed

__all__ = ["SimpleHTTPTransformer"]


def _input_parser(value: Any) -> InputParser:
    if not isinstance(value, InputParser):
        raise ValueError("a JSONInputParser or a CustomInputParser")
    return value


def _output_parser(value: Any) -> OutputParser:
    if not isinstance(value, OutputParser):
        raise ValueError("a JSONOutputParser, a StringOutputParser or a CustomOutputParser")
    return value


def _mini_batcher(value: Any) -> MiniBatcher:
    if not isinstance(value, MiniBatcher):
        raise ValueError("a Fixed-, Dynamic- or TimeIntervalMiniBatchTransformer")
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
    miniBatcher : FixedMiniBatchTransformer or another of its kind, default None
        Sends a list of values in one request: the input parser gets a list. Where the output parser
        reads an array, each row gets its value of it, and an answer with more or fewer values than
        the list is an error of kind "lengths" in all rows of the list; any other answer is repeated
        in its rows. None: a request a row.
    flattenOutputBatches : bool, default True
        False leaves the rows in their lists, every column an array. Only with a miniBatcher.
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

    miniBatcher: ParamField[MiniBatcher | None] = param(
        "puts values into lists, a request each; None: a request a row",
        optional(_mini_batcher),
        default=None,
    )
    flattenOutputBatches: ParamField[bool] = param(
        "make rows of the miniBatcher's lists again", flag, default=True
    )

    @property
    def rows(self) -> Literal["one", "many"]:  # type: ignore[override]
        """Rows in are rows out, unless they stay in lists."""
        return "many" if self._leaves_lists else "one"

    @property
    def reads_all(self) -> bool:  # type: ignore[override]
        """Whether every column becomes one of lists."""
        return self._leaves_lists

    @property
    def _leaves_lists(self) -> bool:
        return self.value("miniBatcher") is not None and not self.value("flattenOutputBatches")

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """What the output parser makes, and errors."""
        self.input_field(schema)
        batcher: MiniBatcher | None = self.value("miniBatcher")
        made, lists = self.value("outputParser").arrow_type(), []
        if batcher is not None:
            lists = batcher.output_fields(schema)
            made = made if self._leaves_lists else spread_type(made)
        own = [pa.field(self.value("outputCol"), made), *self.error_fields()]
        return [*lists, *own] if self._leaves_lists else own

    def make_stream_function(self) -> StreamFunction:
        """See :class:`irbis.http.functions.ParsedCallFunction`, between lists made and opened."""
        source, target, error = self.value("inputCol"), self.value("outputCol"), self.error_column()
        calls = ParsedCallFunction(
            source=source,
            target=target,
            error=error,
            parse_input=self._requests(),
            parse_output=self.value("outputParser").parser(),
            settings=self.settings(),
        )
        batcher: MiniBatcher | None = self.value("miniBatcher")
        if batcher is None:
            return calls
        listed = (batcher.make_stream_function(), calls)
        return Composed(listed if self._leaves_lists else (*listed, Spread(source, target, error)))

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
