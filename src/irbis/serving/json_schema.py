"""Arrow types as JSON Schema, for OpenAPI; and the checks that make the schema true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pyarrow as pa

from irbis.http.reading import ParseError
from irbis.schema import is_vector

__all__ = ["json_schema", "sample", "strictness"]

Check: TypeAlias = Callable[[Any, str], None]
_KINDS = pa.types


def json_schema(type_: pa.DataType, *, nullable: bool = True) -> dict[str, Any]:
    """JSON Schema (2020-12) of a type as it is read and written here.

    Examples
    --------
    >>> json_schema(pa.struct([("a", pa.int8())]), nullable=False)["properties"]["a"]
    {'type': ['integer', 'null'], 'minimum': -128, 'maximum': 127}
    """
    made = _schema(type_)
    if nullable and "type" in made:
        made["type"] = [made["type"], "null"]
    return made


def _schema(type_: pa.DataType) -> dict[str, Any]:
    if is_vector(type_):
        return {"type": "array", "items": {"type": "number"}}
    return next((make(type_) for fits, make in _MADE if fits(type_)), {"type": "string"})


def _object(type_: pa.DataType) -> dict[str, Any]:
    return {"type": "object", "properties": {f.name: json_schema(f.type) for f in type_.fields}}


def _whole(type_: pa.DataType) -> dict[str, Any]:
    top = 1 << (type_.bit_width - 1)
    return {"type": "integer", "minimum": -top, "maximum": top - 1}


_MADE: list[tuple[Callable[[pa.DataType], bool], Callable[[pa.DataType], dict[str, Any]]]] = [
    (_KINDS.is_struct, _object),
    (_KINDS.is_list, lambda t: {"type": "array", "items": json_schema(t.value_type)}),
    (_KINDS.is_large_list, lambda t: {"type": "array", "items": json_schema(t.value_type)}),
    (
        _KINDS.is_map,
        lambda t: {"type": "object", "additionalProperties": json_schema(t.item_type)},
    ),
    (_KINDS.is_integer, _whole),
    (_KINDS.is_floating, lambda _: {"type": "number"}),
    (_KINDS.is_decimal, lambda _: {"type": "number"}),
    (_KINDS.is_boolean, lambda _: {"type": "boolean"}),
    (_KINDS.is_timestamp, lambda _: {"type": "string", "format": "date-time"}),
    (_KINDS.is_date, lambda _: {"type": "string", "format": "date"}),
    (_KINDS.is_binary, lambda _: {"type": "string", "contentEncoding": "base64"}),
]


def strictness(type_: pa.DataType) -> Check | None:
    """Make a check that text is text, or None where there is none in the type.

    Readers of services' answers take the JSON of anything for text; a service of ours that did so
    would answer what its own schema forbids.
    """
    if _KINDS.is_string(type_):
        return _is_text
    if _KINDS.is_list(type_):
        inner = strictness(type_.value_type)
        return None if inner is None else _each(inner)
    if _KINDS.is_map(type_):
        inner = strictness(type_.item_type)
        return None if inner is None else _values(inner)
    if _KINDS.is_struct(type_):
        checks = {f.name: c for f in type_.fields if (c := strictness(f.type)) is not None}
        return _fields(checks) if checks else None
    return None


def _is_text(value: Any, where: str) -> None:
    if value is not None and not isinstance(value, str):
        raise ParseError(f"{where}: expected a string")


def _each(check: Check) -> Check:
    def checked(value: Any, where: str) -> None:
        if isinstance(value, list):
            for at, item in enumerate(value):
                check(item, f"{where}[{at}]")

    return checked


def _values(check: Check) -> Check:
    def checked(value: Any, where: str) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                check(item, f"{where}.{key}")

    return checked


def _fields(checks: dict[str, Check]) -> Check:
    def checked(value: Any, where: str) -> None:
        if isinstance(value, dict):
            for name, check in checks.items():
                check(value.get(name), f"{where}.{name}")

    return checked


def sample(type_: pa.DataType) -> Any:
    """Make a value of a type: zeros, and texts without characters.

    Examples
    --------
    >>> sample(pa.struct([("a", pa.int8()), ("b", pa.list_(pa.string()))]))
    {'a': 0, 'b': ['']}
    """
    if _KINDS.is_struct(type_):
        return {f.name: sample(f.type) for f in type_.fields}
    if _KINDS.is_list(type_):
        return [sample(type_.value_type)]
    if _KINDS.is_map(type_):
        return []
    if _KINDS.is_string(type_):
        return ""
    if _KINDS.is_binary(type_):
        return b""
    return pa.scalar(0, pa.int32()).cast(type_).as_py() if _castable(type_) else None


def _castable(type_: pa.DataType) -> bool:
    known = (_KINDS.is_integer, _KINDS.is_floating, _KINDS.is_boolean)
    return any(fits(type_) for fits in known)
