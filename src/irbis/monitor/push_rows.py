"""Rows as Power BI's push API takes them: the function that makes JSON of a batch."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from irbis.errors import SchemaError
from irbis.schema import is_vector

__all__ = ["PUSHED", "RowsToJson", "check_columns", "push_type"]

#: What the function returns: a row as JSON, or why it can't be sent.
PUSHED = pa.schema([pa.field("json", pa.string()), pa.field("refused", pa.string())])


def push_type(type_: pa.DataType) -> str:
    """Name of the data type that a column has in Power BI.

    Raises
    ------
    SchemaError
        For a type that it has no room for.

    Examples
    --------
    >>> push_type(pa.int32()), push_type(pa.timestamp("us", "UTC")), push_type(pa.list_(pa.int8()))
    ('Int64', 'DateTime', 'String')
    """
    kinds = pa.types
    if kinds.is_dictionary(type_):
        type_ = type_.value_type
    table: list[tuple[str, tuple[Callable[[pa.DataType], bool], ...]]] = [
        ("Boolean", (kinds.is_boolean,)),
        ("Int64", (kinds.is_integer,)),
        ("Double", (kinds.is_floating,)),
        ("Decimal", (kinds.is_decimal,)),
        ("DateTime", (kinds.is_timestamp, kinds.is_date)),
        ("String", (kinds.is_string, kinds.is_large_string, kinds.is_null)),
        ("String", (kinds.is_struct, kinds.is_list, kinds.is_large_list, kinds.is_map)),
    ]
    for name, checks in table:
        if any(check(type_) for check in checks):
            return name
    raise SchemaError(
        f"{type_}", expected="a type that Power BI has", do="drop the column or cast it to a string"
    )


def check_columns(schema: pa.Schema, most: int) -> dict[str, str]:
    """Column name -> type in Power BI.

    Raises
    ------
    SchemaError
        For a type it does not have, too many columns, or a name that stands twice.
    """
    if len(schema) > most:
        raise SchemaError(
            f"{len(schema)} columns", expected=f"at most {most}", do="select those you will look at"
        )
    if len(set(schema.names)) < len(schema):
        twice = sorted({n for n in schema.names if schema.names.count(n) > 1})
        raise SchemaError(f"columns {twice} twice", expected="names that differ")
    found = {}
    for field in schema:
        try:
            found[field.name] = push_type(field.type)
        except SchemaError as error:
            raise SchemaError(
                f"{field.name}: {error.got}", expected=error.expected, do=error.do
            ) from None
    return found


@dataclass(frozen=True)
class RowsToJson:
    """Makes JSON of each row, for ``mapInArrow``.

    NaN and infinities, which JSON and Power BI lack, become null. Times are in UTC, to the
    millisecond. Structs, lists, maps and vectors become their JSON, as a string.
    """

    characters: int
    extra: str = ""  # more fields, as JSON: '"batch":7'
    names: tuple[str, ...] | None = None  # where those of the batch are not the true ones

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Make the rows of each batch."""
        return map(self.batch, batches)

    def batch(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Make the rows of one batch."""
        texts, refused = [], []
        names = [json.dumps(name, ensure_ascii=False) for name in self.names or batch.schema.names]
        columns = [
            [_value(v, field.type) for v in column.to_pylist()]
            for field, column in zip(batch.schema, batch.columns, strict=True)
        ]
        rows = zip(*columns, strict=True) if columns else iter([()] * batch.num_rows)
        for row in rows:
            long = next((n for n, v in zip(names, row, strict=True) if self._too_long(v)), None)
            fields = [
                f"{n}:{json.dumps(v, ensure_ascii=False) if isinstance(v, str) else v}"
                for n, v in zip(names, row, strict=True)
            ]
            texts.append("{" + ",".join([*fields, *([self.extra] if self.extra else [])]) + "}")
            why = f"{long} is longer than {self.characters} characters"
            refused.append(None if long is None else why)
        return pa.record_batch(
            [pa.array(texts, pa.string()), pa.array(refused, pa.string())], PUSHED
        )

    def _too_long(self, value: Any) -> bool:
        if not isinstance(value, str) or len(value) <= self.characters // 2:
            return False
        return len(value.encode("utf-16-le")) // 2 > self.characters


def _value(value: Any, type_: pa.DataType) -> Any:
    """Return a string, or something whose ``format`` is its JSON."""
    if isinstance(value, (datetime, date)):
        return _time(value)
    if isinstance(value, (dict, list, tuple)):
        if isinstance(value, dict) and is_vector(type_) and value["type"] == 1:
            value = value["values"]
        return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))
    return value if isinstance(value, str) else _Literal(_number(value))


def _number(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else "null"
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else "null"
    return "null" if value is None else str(value)


@dataclass(frozen=True)
class _Literal:
    text: str

    def __str__(self) -> str:
        return self.text


def _time(value: datetime | date) -> str:
    if not isinstance(value, datetime):
        return f"{value.isoformat()}T00:00:00.000"
    if value.tzinfo is None:
        return value.isoformat(timespec="milliseconds")
    known = value.astimezone(UTC).replace(tzinfo=None)
    return known.isoformat(timespec="milliseconds") + "Z"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (datetime, date)):
        return _time(value)
    return value if isinstance(value, (str, int, bool)) or value is None else str(value)
