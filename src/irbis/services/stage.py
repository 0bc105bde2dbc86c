"""ServiceStage: the base of every stage that asks a named service; docs/add_a_service.md."""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import pyarrow as pa

from irbis.converters import optional, text
from irbis.errors import ParamError, SchemaError
from irbis.http import ddl
from irbis.http.converters import methods, statuses
from irbis.http.transformer import CallingStage
from irbis.params import ParamField, param
from irbis.schema import StreamFunction, field_of
from irbis.services.credentials import HasCredentials
from irbis.services.function import ServiceFunction, Value
from irbis.services.hidden import Hidden
from irbis.services.operation import Operation

__all__ = ["ServiceStage", "column_of"]

_SHARED = """

Other Parameters
----------------
outputCol : str, default "output"
    What the service says of the row; null wherever there is an error.
errors, errorCol
    See :class:`irbis.stage.HasErrors`; the kinds are in docs/services.md.
url, urlCol, location
    Endpoint, or the whole address of the operation; or a column of them; or an Azure region.
subscriptionKey, subscriptionKeyCol, AADToken, AADTokenCol
    A key or an Entra ID token, or a column of them. They are neither printed nor saved.
allowRetired : bool, default False
    Ask after the end of the API version too.
concurrency, connectTimeout, readTimeout, timeout, deadline, maxAttempts, backoff, maxWait, \
retryMethods, retryStatuses, hopelessErrors, maxRedirects, maxResponseBytes, requestsPerSecond, \
maxConcurrentTasks, headers, headersFromEnv, http2, handler, execution
    See :class:`irbis.http.params.HasClient`. POST is among retryMethods, for these services compute;
    retryStatuses are 408, 425, 429, 500 and 502 to 504.
"""


def column_of(name: str, default: str | None = None) -> Any:
    """Declare the Param that names a column with the values of the Param `name`."""
    return param(f"column with {name} of each row", optional(text), default=default)


class ServiceStage(CallingStage, HasCredentials):
    """A stage that asks a service about each row.

    A subclass names the service (`api`), the type of an answer as DDL (`answer`) and what is sent
    (:meth:`operation`). A Param `x` with a partner `xCol` is a value of the request: the same for
    all rows, or from a column.
    """

    #: Type of a row's answer.
    answer: ClassVar[str]
    #: Types of columns: value name to "text" (if not named here), "bytes", "whole", "number",
    #: "flag" or "texts" (a list of strings).
    expects: ClassVar[Mapping[str, str]] = {}

    outputCol: ParamField[str] = param("column of answers", text, default="output")
    retryMethods: ParamField[list[str]] = param(
        "methods that may be sent again",
        methods,
        default=["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"],
    )
    retryStatuses: ParamField[list[int]] = param(
        "statuses after which a request is sent again",
        statuses,
        default=[408, 425, 429, 500, *range(502, 505)],
    )

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if vars(cls).get("__doc__"):  # what all of them have is written once
            cls.__doc__ = inspect.cleandoc(cls.__doc__ or "") + _SHARED

    @abstractmethod
    def operation(self) -> Operation:
        """Make what travels to workers: small, picklable, of a module without pyspark.

        Raises
        ------
        ParamError
        """

    def answer_type(self) -> pa.DataType:
        """Type of the output column."""
        return ddl.parse(self.answer)

    def values(self) -> dict[str, Value]:
        """Every value of the request: its column, or itself.

        Raises
        ------
        ParamError
            If both are set.
        """
        found: dict[str, Value] = {}
        for each in self.params:
            if not each.name.endswith("Col") or not self.hasParam(each.name.removesuffix("Col")):
                continue
            name = each.name.removesuffix("Col")
            if self.isSet(each) and self.isSet(self.getParam(name)):
                both = self.value(name) is not None and self.value(each.name) is not None
                if both:
                    raise ParamError(f"{name} and {each.name}", expected="one of them")
            scalar, column = self.value(name), self.value(each.name)
            if scalar is not None and (column is None or not self.isSet(each)):
                scalar = scalar.reveal() if isinstance(scalar, Hidden) else scalar
                found[name] = Value(name, None, scalar)
            else:
                found[name] = Value(name, column, None)
        if found["url"].column is None:
            found["url"] = Value("url", None, self.address())
        return found

    def input_columns(self) -> list[str]:
        """All columns that hold values."""
        columns = (v.column for v in self.values().values())
        return list(dict.fromkeys(c for c in columns if c is not None))

    def ways(self) -> tuple[tuple[str, ...], ...]:
        """Sets of values, of which one must be set: for all rows, or to columns."""
        return (self.operation().needs,)

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """An answer, and errors."""
        self.check_access()
        values = self.values()
        there = {v.name for v in values.values() if v.column is not None or v.scalar is not None}
        if not any(there >= set(way) for way in self.ways()):
            words = ", or ".join(" and ".join(way) for way in self.ways())
            raise ParamError(
                f"{type(self).__name__} without anything to ask about",
                expected=words,
                do="set it for all rows, or set its ...Col to a column",
            )
        for value in values.values():
            if value.column is not None:
                field = field_of(schema, value.column, reader=type(self).__name__)
                self._check(field, value.name)
        return [pa.field(self.value("outputCol"), self.answer_type()), *self.error_fields()]

    def make_stream_function(self) -> StreamFunction:
        """See :class:`irbis.services.function.ServiceFunction`."""
        self.check_access()
        return ServiceFunction(
            operation=self.operation(),
            api=self.api,
            values=tuple(self.values().values()),
            target=self.value("outputCol"),
            error=self.error_column(),
            key_header=self.key_header,
            settings=self.settings(),
        )

    def _check(self, field: pa.Field, name: str) -> None:
        wanted = self.expects.get(name, "text")
        type_ = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if not _FITS[wanted](type_):
            raise SchemaError(
                f"column {field.name!r} of type {field.type}",
                expected=f"{_WORDS[wanted]}, for {name} of {type(self).__name__}",
            )
        if field.name == self.value("outputCol"):
            raise ParamError(f"outputCol={field.name!r}", expected="no column that is read")


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))


def _is_list(type_: pa.DataType) -> bool:
    return bool(pa.types.is_list(type_) or pa.types.is_large_list(type_))


_WORDS = {
    "text": "strings",
    "bytes": "binary values",
    "whole": "whole numbers",
    "number": "numbers",
    "flag": "booleans",
    "texts": "lists of strings",
}
_FITS = {
    "text": _is_text,
    "bytes": lambda t: pa.types.is_binary(t) or pa.types.is_large_binary(t),
    "whole": pa.types.is_integer,
    "number": lambda t: pa.types.is_integer(t) or pa.types.is_floating(t),
    "flag": pa.types.is_boolean,
    "texts": lambda t: _is_list(t) and _is_text(t.value_type),
}
