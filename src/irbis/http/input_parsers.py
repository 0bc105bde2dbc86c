"""Input parsers: from a column of values to a column of requests."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from irbis.converters import one_of, text
from irbis.http.converters import Function, function, url
from irbis.http.functions import RequestParser
from irbis.http.headers import HasHeaders, SavesNoSecrets, usable_url
from irbis.http.messages import REQUEST
from irbis.http.parser_functions import RequestFunction
from irbis.http.parsing import CustomInput, JSONInput
from irbis.params import UNSET, ParamField, param
from irbis.schema import BatchFunction, field_of
from irbis.stage import HasErrors, Stage

__all__ = ["CustomInputParser", "InputParser", "JSONInputParser"]


class InputParser(SavesNoSecrets, HasErrors, Stage):
    """Base of input parsers: stages of their own, and parts of a SimpleHTTPTransformer."""

    inputCol: ParamField[str] = param("column of values", text, default="input")
    outputCol: ParamField[str] = param("column of requests", text, default="request")

    def parser(self, name: str, url: str | None = None) -> RequestParser:
        """Make the function from the values of a column called `name` to requests to `url`."""
        raise NotImplementedError

    def input_columns(self) -> list[str]:
        """The column of values."""
        return [self.value("inputCol")]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A request, and errors."""
        field_of(schema, self.value("inputCol"), reader=type(self).__name__)
        return [pa.field(self.value("outputCol"), REQUEST), *self.error_fields()]

    def make_function(self) -> BatchFunction:
        """See :class:`irbis.http.parser_functions.RequestFunction`."""
        source, target = self.value("inputCol"), self.value("outputCol")
        return RequestFunction(source, target, self.error_column(), self.parser(source))


class JSONInputParser(HasHeaders, InputParser):
    """Make each value the JSON body of a request.

    A struct or an array is sent as it is, any other value as ``{"<inputCol>": value}``. Bytes are
    written as base64, times as ISO 8601. A null is an error row (kind "null"), and so is what JSON
    has no way to write, such as NaN (kind "request").

    Parameters
    ----------
    inputCol : str, default "input"
        Any type.
    outputCol : str, default "request"
        Struct of a request.
    url : str
        Absolute, http or https. Must be set; in a SimpleHTTPTransformer its own url does, too.
    method : {"POST", "PUT", "PATCH", "DELETE"}, default "POST"
    headers, headersFromEnv
        See :class:`irbis.http.headers.HasHeaders`.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`.

    Examples
    --------
    >>> parser = JSONInputParser(inputCol="data", url="http://api.example/v1")
    >>> out = parser.transform(pa.table({"data": [1]}))["request"][0].as_py()
    >>> out["requestLine"]["method"], out["entity"]["content"]
    ('POST', b'{"data":1}')
    """

    url: ParamField[str] = param("address of the service", url, default=UNSET)
    method: ParamField[str] = param(
        "method of the requests", one_of("POST", "PUT", "PATCH", "DELETE"), default="POST"
    )

    def parser(self, name: str, url: str | None = None) -> RequestParser:
        """See :class:`irbis.http.parsing.JSONInput`."""
        chosen = usable_url(url or self.value("url"))
        return JSONInput(name, chosen, self.value("method"), self.header_pairs())


class CustomInputParser(InputParser):
    """Make requests with a Python function.

    Parameters
    ----------
    inputCol : str, default "input"
        Any type; the function sees a struct as a dict, null as None.
    outputCol : str, default "request"
        Struct of a request.
    udf : function
        From a value to an :class:`irbis.HTTPRequest`, or a Request of the requests library. None
        gives an error row of kind "null"; what it raises, one of kind "request". It is saved by the
        name under which workers import it.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`.

    Examples
    --------
    >>> from irbis import HTTPRequest
    >>> parser = CustomInputParser().setUDF(lambda x: HTTPRequest("GET", f"http://api.example/{x}"))
    >>> out = parser.transform(pa.table({"input": ["a"]}))["request"][0].as_py()
    >>> out["requestLine"]["uri"]
    'http://api.example/a'
    """

    udf: ParamField[Any] = param("function from a value to a request", function)

    def setUDF(self, value: Any) -> CustomInputParser:
        """Set udf, in the original's spelling."""
        return self.setParams(udf=value)

    def getUDF(self) -> Any:
        """Get udf."""
        found: Function = self.value("udf")
        return found.call

    def parser(self, name: str, url: str | None = None) -> RequestParser:  # noqa: ARG002
        """See :class:`irbis.http.parsing.CustomInput`."""
        return CustomInput(self.getUDF())
