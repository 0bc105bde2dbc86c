"""Output parsers: from a column of responses to a column of values."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from irbis.converters import text
from irbis.http import ddl
from irbis.http.converters import Function, data_type, function
from irbis.http.functions import AnswerParser
from irbis.http.headers import SavesNoSecrets
from irbis.http.messages import require_response
from irbis.http.parser_functions import ParseFunction
from irbis.http.parsing import CustomOutput, JSONOutput, StringOutput
from irbis.params import ParamField, param
from irbis.schema import BatchFunction, field_of
from irbis.stage import HasErrors, Stage

__all__ = ["CustomOutputParser", "JSONOutputParser", "OutputParser", "StringOutputParser"]


class OutputParser(SavesNoSecrets, HasErrors, Stage):
    """Base of output parsers: stages of their own, and parts of a SimpleHTTPTransformer."""

    inputCol: ParamField[str] = param("column of responses", text, default="response")
    outputCol: ParamField[str] = param("column of values", text, default="output")

    def parser(self) -> AnswerParser:
        """Make the function from answers to values."""
        raise NotImplementedError

    def arrow_type(self) -> pa.DataType:
        """Type of the values."""
        return pa.string()

    def input_columns(self) -> list[str]:
        """The column of responses."""
        return [self.value("inputCol")]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A value, and errors."""
        require_response(field_of(schema, self.value("inputCol"), reader=type(self).__name__))
        return [pa.field(self.value("outputCol"), self.arrow_type()), *self.error_fields()]

    def make_function(self) -> BatchFunction:
        """See :class:`irbis.http.parser_functions.ParseFunction`."""
        source, target = self.value("inputCol"), self.value("outputCol")
        return ParseFunction(source, target, self.error_column(), self.parser())


class StringOutputParser(OutputParser):
    """Read bodies as text, in the charset that the content type names, else UTF-8.

    Parameters
    ----------
    inputCol : str, default "response"
        Struct of a response.
    outputCol : str, default "output"
        String; null where there is no answer or its status is not 2xx.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`; a body that is no text in its charset is of kind "parse".

    Examples
    --------
    >>> from irbis.http.messages import write_responses
    >>> from irbis import HTTPResponse
    >>> table = pa.table({"response": write_responses([HTTPResponse(200, "OK", (), b"hello")])})
    >>> StringOutputParser().transform(table)["output"].to_pylist()
    ['hello']
    """

    def parser(self) -> AnswerParser:
        """See :class:`irbis.http.parsing.StringOutput`."""
        return StringOutput()


class JSONOutputParser(OutputParser):
    """Read bodies as JSON of a type.

    Stricter than Spark's from_json: a document that does not fit is an error row (kind "parse") that
    names the place, not a row of nulls. A field that is missing is null, one that was not asked for
    is left out, and where a string is asked for, anything else comes as its JSON.

    Parameters
    ----------
    inputCol : str, default "response"
        Struct of a response.
    outputCol : str, default "output"
        Of the type; null where there is no answer, its status is not 2xx, or it can't be read.
    dataType : str, DataType of Spark, or DataType or Schema of Arrow
        DDL such as ``"label string, score double"``. Must be set.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`.

    Examples
    --------
    >>> from irbis.http.messages import write_responses
    >>> from irbis import HTTPResponse
    >>> answer = HTTPResponse(200, "OK", (), b'{"label": "cat", "score": 1}')
    >>> parser = JSONOutputParser().setDataType("label string, score double")
    >>> parser.transform(pa.table({"response": write_responses([answer])}))["output"].to_pylist()
    [{'label': 'cat', 'score': 1.0}]
    """

    dataType: ParamField[Any] = param("type of the answer, as DDL", data_type)

    def arrow_type(self) -> pa.DataType:
        """Type of the values."""
        return ddl.parse(self.value("dataType"))

    def parser(self) -> AnswerParser:
        """See :class:`irbis.http.parsing.JSONOutput`."""
        return JSONOutput(self.arrow_type())


class CustomOutputParser(OutputParser):
    """Read responses with a Python function.

    Parameters
    ----------
    inputCol : str, default "response"
        Struct of a response.
    outputCol : str, default "output"
        Of the type `dataType`.
    udf : function
        From an :class:`irbis.HTTPResponse` with a status of 2xx to a value; what it raises is an
        error row of kind "parse". It is saved by the name under which workers import it.
    dataType : str, DataType of Spark or of Arrow, default "string"
        What the function returns.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`.

    Examples
    --------
    >>> from irbis.http.messages import write_responses
    >>> from irbis import HTTPResponse
    >>> parser = CustomOutputParser(dataType="int").setUDF(lambda answer: len(answer.body))
    >>> answers = write_responses([HTTPResponse(200, "OK", (), b"abc")])
    >>> parser.transform(pa.table({"response": answers}))["output"].to_pylist()
    [3]
    """

    udf: ParamField[Any] = param("function from a response to a value", function)
    dataType: ParamField[Any] = param("type of the values, as DDL", data_type, default="string")

    def setUDF(self, value: Any) -> CustomOutputParser:
        """Set udf, in the original's spelling."""
        return self.setParams(udf=value)

    def getUDF(self) -> Any:
        """Get udf."""
        found: Function = self.value("udf")
        return found.call

    def arrow_type(self) -> pa.DataType:
        """Type of the values."""
        return ddl.parse(self.value("dataType"))

    def parser(self) -> AnswerParser:
        """See :class:`irbis.http.parsing.CustomOutput`."""
        return CustomOutput(self.getUDF(), self.arrow_type())
