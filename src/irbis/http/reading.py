"""Reading JSON into the types that were asked for: strict, and a fault names its place."""

from __future__ import annotations

import base64
import datetime as dt
import json
import math
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

import pyarrow as pa

__all__ = ["ParseError", "load", "reader", "sound"]

Reader: TypeAlias = Callable[[Any, str], Any]


class ParseError(ValueError):
    """A document that can't be read; its message repeats nothing of it but names of fields."""


def load(body: bytes) -> Any:
    """Read JSON; NaN and infinities, which are not JSON, are refused.

    Raises
    ------
    ParseError
    """
    try:
        return _decoder.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
    except ParseError:
        raise
    except (ValueError, RecursionError):
        raise ParseError("the answer is not JSON") from None


def _refuse(name: str) -> None:
    raise ParseError(f"the answer holds {name}, which is not JSON")


# json.loads would make one for each document.
_decoder = json.JSONDecoder(parse_constant=_refuse)


def reader(type_: pa.DataType) -> Reader:
    """Make a function from (value, where it stands) to a value of the type, null for null.

    A field that is missing is null, one that was not asked for is left out. Numbers are not made of
    text nor text of numbers; a string is asked for and something else found: its JSON.

    Examples
    --------
    >>> reader(pa.struct([("a", pa.int32()), ("b", pa.string())]))({"a": 1, "b": [2]}, "$")
    {'a': 1, 'b': '[2]'}
    """
    read = _reader(type_)
    return lambda value, where: None if value is None else read(value, where)


def _reader(type_: pa.DataType) -> Reader:
    known: list[tuple[Callable[[pa.DataType], bool], Callable[[pa.DataType], Reader]]] = [
        (pa.types.is_struct, lambda t: _struct({f.name: reader(f.type) for f in t.fields})),
        (lambda t: pa.types.is_list(t) and pa.types.is_floating(t.value_type), lambda _: _floats),
        (pa.types.is_list, lambda t: _list(reader(t.value_type))),
        (pa.types.is_map, lambda t: _map(reader(t.key_type), reader(t.item_type))),
        (pa.types.is_integer, lambda t: _integer(t.bit_width)),
        (pa.types.is_floating, lambda _: _float),
        (pa.types.is_decimal, lambda t: _decimal(t.precision, t.scale)),
        (pa.types.is_timestamp, lambda t: _timestamp(aware=t.tz is not None)),
        (pa.types.is_string, lambda _: _text),
        (pa.types.is_boolean, lambda _: _bool),
        (pa.types.is_binary, lambda _: _binary),
        (pa.types.is_date, lambda _: _date),
    ]
    return next(make(type_) for fits, make in known if fits(type_))


def _wrong(value: Any, where: str, wanted: str) -> ParseError:
    kinds = {dict: "an object", list: "an array", str: "a string", bool: "a boolean"}
    return ParseError(f"{where}: {kinds.get(type(value), 'a number')}; expected {wanted}")


def _struct(fields: dict[str, Reader]) -> Reader:
    def read(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise _wrong(value, where, "an object")
        return {name: of(value.get(name), f"{where}.{name}") for name, of in fields.items()}

    return read


def _list(item: Reader) -> Reader:
    def read(value: Any, where: str) -> Any:
        if not isinstance(value, list):
            raise _wrong(value, where, "an array")
        return [item(v, f"{where}[{i}]") for i, v in enumerate(value)]

    return read


def _floats(value: Any, where: str) -> Any:
    # Long lists of nothing but floats are what models read: no call for each.
    if isinstance(value, list) and set(map(type, value)) <= {float}:
        return value
    return _any_floats(value, where)


def _map(key: Reader, item: Reader) -> Reader:
    def read(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise _wrong(value, where, "an object")
        return [(key(k, where), item(v, f"{where}.{k}")) for k, v in value.items()]

    return read


def _integer(bits: int) -> Reader:
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1

    def read(value: Any, where: str) -> Any:
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not whole or not low <= value <= high:
            raise _wrong(value, where, f"a whole number of {bits} bits")
        return int(value)

    return read


def _float(value: Any, where: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(value, where, "a number")
    try:
        return float(value)
    except OverflowError:
        return math.copysign(math.inf, value)


_any_floats = _list(lambda value, where: None if value is None else _float(value, where))


def _decimal(precision: int, scale: int) -> Reader:
    def read(value: Any, where: str) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise _wrong(value, where, "a number")
        try:
            found = Decimal(str(value)).quantize(Decimal(1).scaleb(-scale))
        except InvalidOperation:
            raise _wrong(value, where, f"a decimal({precision},{scale})") from None
        if found.is_nan() or len(found.as_tuple().digits) > precision:
            raise _wrong(value, where, f"a decimal({precision},{scale})")
        return found

    return read


def _timestamp(*, aware: bool) -> Reader:
    def read(value: Any, where: str) -> Any:
        if not isinstance(value, str):
            raise _wrong(value, where, "an ISO 8601 time")
        try:
            found = dt.datetime.fromisoformat(value)
            if found.tzinfo is not None:
                found = found.astimezone(dt.UTC)
        except (ValueError, OverflowError):  # the year 1 has no earlier zone
            raise _wrong(value, where, "an ISO 8601 time") from None
        return found.replace(tzinfo=dt.UTC if aware else None)

    return read


def _date(value: Any, where: str) -> Any:
    try:
        return dt.date.fromisoformat(value)
    except (ValueError, TypeError):
        raise _wrong(value, where, "an ISO 8601 date") from None


def _text(value: Any, where: str) -> Any:
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return sound(value, where)


def sound(text: str, where: str) -> str:
    """Return the text, if it is one: JSON and some charsets can spell half a character.

    Raises
    ------
    ParseError
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ParseError(f"{where}: half a character (a lone surrogate)") from None
    return text


def _bool(value: Any, where: str) -> Any:
    if not isinstance(value, bool):
        raise _wrong(value, where, "a boolean")
    return value


def _binary(value: Any, where: str) -> Any:
    try:
        return base64.b64decode(value, validate=True)
    except (ValueError, TypeError):
        raise _wrong(value, where, "base64") from None
