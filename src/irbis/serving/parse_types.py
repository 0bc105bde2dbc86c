"""What parseRequest accepts as a type, and the parser it means. Imports no pyspark."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from irbis.errors import ParamError
from irbis.http import ddl
from irbis.schema import IMAGE, is_image
from irbis.serving.request_parser import BodyParser, ImageParser, JsonParser, RequestParser

__all__ = ["parser_for"]

_NAMED: dict[str, pa.DataType] = {"binary": pa.binary(), "string": pa.string(), "image": IMAGE}
_WANTED = (
    "BinaryType(), StringType(), a StructType of the JSON fields, 'image', or any of them in "
    "Spark's spelling ('binary', 'string', 'a double, b array<string>')"
)


def parser_for(type_: Any, output: str | None = None) -> RequestParser:
    """Make the parser of a type.

    Parameters
    ----------
    type_ : str, pa.DataType or pa.Schema
    output : str, optional
        Name of the column; default "image" for bytes and pictures, "value" for text. The fields of
        a JSON object are columns of their own names.

    Raises
    ------
    ParamError

    Examples
    --------
    >>> parser_for("binary").fields
    [pyarrow.Field<image: binary>]
    >>> [f.name for f in parser_for("a double, b string").fields]
    ['a', 'b']
    """
    found = _type(type_)
    if is_image(found):
        return ImageParser(output or "image")
    if pa.types.is_binary(found) or pa.types.is_string(found):
        return BodyParser(found, output or ("image" if pa.types.is_binary(found) else "value"))
    if not pa.types.is_struct(found) or not found.num_fields:
        raise ParamError(f"parseRequest({type_!r})", expected=_WANTED)
    if output is not None:
        raise ParamError(
            f"outputCol={output!r} with the fields of a JSON object",
            expected="no outputCol: each field is a column of its own name",
        )
    try:
        parser = JsonParser(found)
        parser.make_reader()
    except StopIteration:
        raise ParamError(
            f"parseRequest({type_!r})", expected="types that JSON can be read into"
        ) from None
    return parser


def _type(type_: Any) -> pa.DataType:
    if isinstance(type_, str):
        if type_.strip().lower() in _NAMED:
            return _NAMED[type_.strip().lower()]
        try:
            return ddl.parse(type_)
        except ValueError:
            raise ParamError(f"parseRequest({type_!r})", expected=_WANTED) from None
    if isinstance(type_, pa.Schema):
        return pa.struct(list(type_))
    if isinstance(type_, pa.DataType):
        return type_
    raise ParamError(f"parseRequest({type_!r})", expected=_WANTED)
