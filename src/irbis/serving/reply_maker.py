"""makeReply: a column's values as replies."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from irbis.errors import ParamError, SchemaError
from irbis.http.failure import InvalidRequestError
from irbis.http.json_values import dump
from irbis.http.messages import read_responses
from irbis.schema import is_image, is_vector
from irbis.serving.json_schema import json_schema
from irbis.serving.message import JSON, Reply, problem
from irbis.serving.reply_values import rows_of

__all__ = ["ReplyMaker"]

_KINDS = pa.types
_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "content-length", "trailer",
        "te", "proxy-authenticate", "proxy-authorization", "date", "content-type"}  # fmt: skip


@dataclass(frozen=True)
class ReplyMaker:
    """Replies of a column.

    Parameters
    ----------
    column : str
    type : pa.DataType
        string: text/plain; binary: application/octet-stream; Spark's image struct: a picture; a
        response struct: that response; struct, map and lists of them: their JSON; anything else:
        a JSON object with the column's name.
    image_format : "PNG" or "JPEG", default "PNG"

    Examples
    --------
    >>> maker = ReplyMaker("score", pa.float64())
    >>> [r.body for r in maker.replies(pa.array([0.5, float("nan")]))]
    [b'{"score":0.5}', b'{"score":null}']
    """

    column: str
    type: pa.DataType
    image_format: str = "PNG"

    def __post_init__(self) -> None:
        if self.image_format not in ("PNG", "JPEG"):
            raise ParamError(f"imageFormat={self.image_format!r}", expected="'PNG' or 'JPEG'")
        if _KINDS.is_duration(self.type) or _KINDS.is_interval(self.type):
            raise SchemaError(f"{self.column}: {self.type}", expected="what JSON can write")

    def replies(self, values: pa.Array) -> Sequence[Reply]:
        """Make a reply of each value; null is a reply without a body, or JSON's null."""
        return self._made(values)

    def __reduce__(self) -> tuple[Any, ...]:
        # Without what is cached.
        return ReplyMaker, (self.column, self.type, self.image_format)

    def media(self) -> dict[str, Any]:
        """Content of the reply, as OpenAPI has it."""
        type_ = self.type
        if _is_response(type_):
            return {"*/*": {"schema": {}}}
        if is_image(type_):
            return {f"image/{self.image_format.lower()}": {"schema": {}}}
        if _KINDS.is_string(type_):
            return {"text/plain": {"schema": {"type": "string"}}}
        if _KINDS.is_binary(type_):
            return {"application/octet-stream": {"schema": {}}}
        made = json_schema(type_)
        if not _own_json(type_):
            made = {"type": "object", "properties": {self.column: made}}
        return {JSON: {"schema": made}}

    @cached_property
    def _made(self) -> Callable[[pa.Array], Sequence[Reply]]:
        type_ = self.type
        if _is_response(type_):
            return _responses
        if is_image(type_):
            return self._pictures
        if _KINDS.is_string(type_) or _KINDS.is_large_string(type_):
            return _texts
        if _KINDS.is_binary(type_) or _KINDS.is_large_binary(type_):
            return _binaries
        read = rows_of(type_)
        if _own_json(type_):
            return lambda values: [_json(v) for v in read(values)]
        return lambda values: self.of_values(read(values))

    def of_values(self, values: Sequence[Any]) -> list[Reply]:
        """Replies of Python's values, where a reply is a JSON object of the column's name."""
        return [_json({self.column: v}) for v in values]

    def _pictures(self, values: pa.Array) -> list[Reply]:
        from irbis.image.codec import PictureError, encode, pictures

        form: Any = self.image_format
        made = []
        for found in pictures(values):
            if isinstance(found, PictureError):
                empty = found.kind == "null"
                made.append(Reply(type="") if empty else problem(422, str(found), kind=found.kind))
            else:
                made.append(Reply(200, encode(found, form=form), f"image/{form.lower()}"))
        return made


def _texts(values: pa.Array) -> list[Reply]:
    return [Reply(200, (v or "").encode()) for v in values.to_pylist()]


def _binaries(values: pa.Array) -> list[Reply]:
    return [Reply(200, v or b"", "application/octet-stream") for v in values.to_pylist()]


def _responses(values: pa.Array) -> list[Reply]:
    made = []
    for found in read_responses(values):
        if found is None:
            made.append(Reply(type=""))
            continue
        kept = [(n, v) for n, v in found.headers if n.lower() not in _HOP and _sound(n + v)]
        type_ = found.header("content-type") or ("application/octet-stream" if found.body else "")
        type_ = type_ if _sound(type_) else "application/octet-stream"
        status = found.status if 200 <= found.status <= 999 else 500
        made.append(Reply(status, found.body, type_, kept))
    return made


def _sound(value: str) -> bool:
    """A header that would end the headers is none."""
    return not any(c in value for c in "\r\n\0")


def _json(value: Any) -> Reply:
    try:
        return Reply(200, dump(value), JSON)
    except InvalidRequestError:
        return Reply(200, dump(_finite(value)), JSON)


def _finite(value: Any) -> Any:
    """Null for what JSON has no number for."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(k): _finite(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_finite(v) for v in value]
    return value


def _own_json(type_: pa.DataType) -> bool:
    """Whether a value's JSON stands for itself, as in SynapseML's makeReply."""
    if is_vector(type_):
        return False
    if _KINDS.is_struct(type_) or _KINDS.is_map(type_):
        return True
    listed = _KINDS.is_list(type_) or _KINDS.is_large_list(type_)
    return listed and not is_vector(type_.value_type) and _own_json(type_.value_type)


def _is_response(type_: pa.DataType) -> bool:
    return _KINDS.is_struct(type_) and {"statusLine", "entity"} <= {f.name for f in type_.fields}
