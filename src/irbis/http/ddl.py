"""Spark's spelling of types, read and written without a session: Spark's own parser is in the JVM."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa

__all__ = ["parse", "write"]

_PLAIN: dict[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "byte": pa.int8(),
    "smallint": pa.int16(),
    "short": pa.int16(),
    "int": pa.int32(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "long": pa.int64(),
    "float": pa.float32(),
    "real": pa.float32(),
    "double": pa.float64(),
    "string": pa.string(),
    "binary": pa.binary(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
    "timestamp_ntz": pa.timestamp("us"),
}
_TOKEN = re.compile(
    r"\s*(?:`((?:[^`]|``)*)`|([A-Za-z_][\w.\-]*)|(\d+)|([<>(),:])|('(?:[^']|'')*'))"
)
_WANTED = "types in Spark's spelling, such as 'a int, b array<string>' or 'struct<a:double>'"


def parse(text: str) -> pa.DataType:
    """Read a type, or a list of columns as a struct.

    Raises
    ------
    ValueError
        Saying what is accepted.

    Examples
    --------
    >>> parse("array<double>")
    ListType(list<item: double>)
    >>> parse("score double, tags array<string>").names
    ['score', 'tags']
    """
    tokens = _tokens(text)
    if not tokens:
        raise ValueError(_WANTED)
    found = _Reader(tokens)
    try:
        value = found.type()
        if found.at == len(tokens):
            return value
    except ValueError:
        pass
    found = _Reader(tokens)
    fields = found.fields(end=None)
    if found.at != len(tokens):
        raise ValueError(_WANTED)
    return pa.struct(fields)


def write(type_: pa.DataType) -> str:
    """Write a type as :func:`parse` reads it.

    Raises
    ------
    ValueError
        For a type JSON answers can't be read into.
    """
    if pa.types.is_struct(type_):
        inside = (f"`{f.name.replace('`', '``')}`:{write(f.type)}" for f in type_.fields)
        return f"struct<{','.join(inside)}>"
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return f"array<{write(type_.value_type)}>"
    if pa.types.is_map(type_):
        return f"map<{write(type_.key_type)},{write(type_.item_type)}>"
    if pa.types.is_decimal(type_):
        return f"decimal({type_.precision},{type_.scale})"
    if pa.types.is_timestamp(type_):
        return "timestamp_ntz" if type_.tz is None else "timestamp"
    for name, plain in _PLAIN.items():
        if type_.equals(plain):
            return name
    raise ValueError(_WANTED)


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(_WANTED)
        quoted, word, number, mark, comment = found.groups()
        at = found.end()
        if quoted is not None:
            tokens.append(("name", quoted.replace("``", "`")))
        elif word is not None:
            tokens.append(("word", word))
        else:
            tokens.append(("mark", number or mark or comment))
    return tokens


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens, self.at = tokens, 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self, mark: str | None = None) -> tuple[str, str]:
        token = self.peek()
        if token[0] == "end" or (mark is not None and token != ("mark", mark)):
            raise ValueError(_WANTED)
        self.at += 1
        return token

    def skip(self, mark: str) -> bool:
        if self.peek() == ("mark", mark):
            self.at += 1
            return True
        return False

    def type(self) -> pa.DataType:
        kind, word = self.take()
        name = word.lower()
        if kind != "word":
            raise ValueError(_WANTED)
        if name == "array":
            return pa.list_(self.inside(1)[0])
        if name == "map":
            return pa.map_(*self.inside(2))
        if name == "struct":
            self.take("<")
            return pa.struct(self.fields(end=">"))
        numbers = self.numbers()
        if name in ("decimal", "dec", "numeric"):
            precision, scale = (*numbers, *(10, 0)[len(numbers) :])[:2]
            return pa.decimal128(precision, scale)
        if name in ("varchar", "char"):
            return pa.string()
        if name not in _PLAIN or numbers:
            raise ValueError(_WANTED)
        return _PLAIN[name]

    def inside(self, count: int) -> list[pa.DataType]:
        self.take("<")
        found = [self.type()]
        for _ in range(count - 1):
            self.take(",")
            found.append(self.type())
        self.take(">")
        return found

    def numbers(self) -> list[int]:
        found: list[int] = []
        if self.skip("("):
            found.append(int(self.take()[1]))
            while self.skip(","):
                found.append(int(self.take()[1]))
            self.take(")")
        return found

    def fields(self, end: str | None) -> list[Any]:
        found: list[Any] = []
        while not (end is not None and self.skip(end)):
            if found:
                self.take(",")
            kind, name = self.take()
            if kind == "mark":
                raise ValueError(_WANTED)
            self.skip(":")
            found.append(pa.field(name, self.type()))
            self.remarks()
            if end is None and self.peek()[0] == "end":
                break
        return found

    def remarks(self) -> None:
        if self.peek()[1].lower() == "not":  # NOT NULL: an answer may lack anything
            self.at += 2
        if self.peek()[1].lower() == "comment":
            self.at += 2
