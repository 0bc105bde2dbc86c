"""What the Params of the HTTP stages accept; what may be secret is never shown."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import pyarrow as pa
from pyspark.sql.types import DataType, StructField, StructType

from irbis.converters import whole
from irbis.http import ddl
from irbis.http.failure import InvalidRequestError
from irbis.http.request import METHODS, check_url
from irbis.http.secrets import HiddenValues, hidden, redact_url
from irbis.spark_schema import arrow_schema

__all__ = [
    "Function",
    "data_type",
    "environment_map",
    "function",
    "handler",
    "header_map",
    "methods",
    "statuses",
    "texts",
    "url",
]


class _Secret:
    """A converter whose values are shown by `show` in errors."""

    def __init__(self, convert: Callable[[Any], Any], show: Callable[[Any], str]) -> None:
        self.convert, self.show = convert, show

    def __call__(self, value: Any) -> Any:
        return self.convert(value)


def _url(value: Any) -> str:
    try:
        check_url(value if isinstance(value, str) else None)
    except InvalidRequestError:
        raise ValueError("an absolute address, http://host/... or https://host/...") from None
    return str(value)


def _show_url(value: Any) -> str:
    return repr(redact_url(value)) if isinstance(value, str) else f"a {type(value).__name__}"


url = _Secret(_url, _show_url)


def _header_map(value: Any) -> HiddenValues:
    fits = isinstance(value, Mapping) and all(
        isinstance(k, str) and k and isinstance(v, str) for k, v in value.items()
    )
    if not fits or any(mark in text for kv in value.items() for text in kv for mark in "\r\n\0"):
        raise ValueError("a dict from names to values, both strings without line breaks")
    return hidden(value)


def _show_map(value: Any) -> str:
    return f"a {type(value).__name__}, its values not shown"


header_map = _Secret(_header_map, _show_map)


def environment_map(value: Any) -> dict[str, str]:
    """Accept a dict from names to names of environment variables."""
    if not isinstance(value, Mapping) or not all(
        isinstance(text, str) and text for pair in value.items() for text in pair
    ):
        raise ValueError("a dict from headers to names of environment variables")
    return dict(value)


environment_map.show = _show_map  # type: ignore[attr-defined]  # a key may be given by mistake


def methods(value: Any) -> list[str]:
    """Accept a list of HTTP methods."""
    listed = [v.upper() if isinstance(v, str) else "" for v in _listed(value)]
    if not set(listed) <= set(METHODS):
        raise ValueError(f"a list of {', '.join(METHODS)}")
    return sorted(set(listed))


def statuses(value: Any) -> list[int]:
    """Accept a list of HTTP statuses."""
    try:
        return sorted({whole(100, 599)(v) for v in _listed(value)})
    except ValueError:
        raise ValueError("a list of statuses from 100 to 599") from None


def texts(value: Any) -> list[str]:
    """Accept a list of non-empty strings, or an empty one."""
    listed = _listed(value)
    if not all(isinstance(v, str) and v for v in listed):
        raise ValueError("a list of strings")
    return list(listed)


def _listed(value: Any) -> list[Any]:
    if isinstance(value, str) or not isinstance(value, (Sequence, set, frozenset, range)):
        raise ValueError("a list")
    return list(value)


def data_type(value: Any) -> str:
    """Accept a type as DDL, as Spark's or as Arrow's; returns DDL."""
    if isinstance(value, DataType):
        value = arrow_schema(StructType([StructField("v", value)])).field(0).type
    if isinstance(value, pa.Schema):
        value = pa.struct(list(value))
    if isinstance(value, str):
        value = ddl.parse(value)
    if not isinstance(value, pa.DataType):
        raise ValueError("a type as DDL ('a int, b string'), of Spark or of Arrow")
    return ddl.write(value)


class Function(str):
    """A function, and the ``module:name`` by which another process finds it: what is saved.

    No code is saved or loaded: pickles of unknown origin can run anything.
    """

    __slots__ = ("call",)
    call: Callable[..., Any]

    def __new__(cls, call: Callable[..., Any]) -> Self:
        """Name a function."""
        module = getattr(call, "__module__", None)
        name = getattr(call, "__qualname__", type(call).__qualname__)
        made = super().__new__(cls, f"{module}:{name}")
        made.call = call
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Function, (self.call,)

    @property
    def importable(self) -> bool:
        """Whether another process finds it by its name."""
        try:
            return _found(str(self)) is self.call
        except (ImportError, AttributeError, ValueError):
            return False


def function(value: Any) -> Function:
    """Accept a function, or ``module:name``."""
    if isinstance(value, Function):
        return value
    if isinstance(value, str):
        try:
            value = _found(value)
        except (ImportError, AttributeError, ValueError) as error:
            raise ValueError(f"a function, or module:name of one ({error})") from None
    if not callable(value):
        raise ValueError("a function")
    return Function(value)


def _found(name: str) -> Any:
    module, _, path = name.partition(":")
    found = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found


def handler(value: Any) -> str:
    """Accept "advanced", "basic" or a function."""
    return value if value in ("advanced", "basic") else function(value)
