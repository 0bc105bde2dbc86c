"""What micro-batches do to requests and replies, as batch functions. Imports no pyspark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from irbis.schema import ERROR, BatchFunction, put, to_error
from irbis.serving.message import Request
from irbis.serving.packing import pack_reply
from irbis.serving.reply_maker import ReplyMaker
from irbis.serving.request_parser import BadRequestError, ImageParser, RequestParser
from irbis.serving.served import ID, error_reply

__all__ = ["PARSE_ERROR", "REQUEST_ERROR", "ParseFunction", "ReplyFunction", "WithinRequests"]

#: Ends the name of the column that says which picture can't be read.
PARSE_ERROR = "_parse_error"
#: Column of what went wrong with a request, where the rows of each are made one again.
REQUEST_ERROR = "request_error"


@dataclass(frozen=True)
class ParseFunction:
    """Adds the parser's columns to batches of requests; for mapInArrow."""

    parser: RequestParser

    @property
    def fields(self) -> list[pa.Field]:
        """What it adds."""
        made = self.parser.fields
        if isinstance(self.parser, ImageParser):
            return [*made, pa.field(self.parser.column + PARSE_ERROR, ERROR)]
        return made

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Add the columns."""
        read = self.parser.make_reader()
        for batch in batches:
            values = []
            for request in _requests(batch.column("request")):
                try:
                    values.append(read(request))
                except BadRequestError:  # the front has refused it already
                    values.append(None)
            arrays, faults = self.parser.columns(values)
            made = batch
            for field, array in zip(self.parser.fields, arrays, strict=True):
                made = put(made, field.name, array)
            if isinstance(self.parser, ImageParser):
                said = [
                    ("decode", "not a picture") if r in faults else None for r in range(len(values))
                ]
                made = put(made, self.parser.column + PARSE_ERROR, to_error(said))
            yield made


def _requests(column: pa.Array) -> list[Request]:
    rows = column.to_pylist()
    return [
        Request(
            row["requestLine"]["method"],
            row["requestLine"]["uri"],
            [(h["name"].encode("latin-1"), h["value"].encode("latin-1")) for h in row["headers"]],
            row["entity"]["content"],
        )
        for row in rows
    ]


@dataclass(frozen=True)
class WithinRequests:
    """Runs stages of which some combine rows, within each request; for mapInArrow.

    Parameters
    ----------
    steps : tuple of (function, names of error columns it may write)
    names : tuple of str
        Columns of the result, behind id; the last is :data:`REQUEST_ERROR`.
    """

    steps: tuple[tuple[BatchFunction, tuple[str, ...]], ...]
    names: tuple[str, ...]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Run them; all rows of a request are in its batch, for it comes as one row."""
        for batch in batches:
            made = put(batch, ID, pa.array(range(batch.num_rows), pa.int32()))
            errors: dict[int, dict[str, Any]] = {}
            for step, columns in self.steps:
                made = step(made)
                for name in columns:
                    rows = zip(made.column(ID).to_pylist(), made.column(name).to_pylist())
                    errors = {**{row: e for row, e in rows if e is not None}, **errors}
            member = made.column(ID)
            said = pa.array([errors.get(row) for row in member.to_pylist()], ERROR)
            found = [batch.column("id").take(member)]
            found += [made.column(name) for name in self.names[:-1]]
            yield pa.RecordBatch.from_arrays([*found, said], names=["id", *self.names])


@dataclass(frozen=True)
class ReplyFunction:
    """Makes the columns id and reply (packed) of a result; for mapInArrow."""

    maker: ReplyMaker
    errors: tuple[str, ...]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Make them."""
        for batch in batches:
            column = batch.column(self.maker.column)
            replies = list(self.maker.replies(column))
            nulls = column.is_null().to_pylist()
            for name in self.errors:
                for row, error in enumerate(batch.column(name).to_pylist()):
                    if error is not None and nulls[row]:
                        replies[row] = error_reply(error)
                        nulls[row] = False
            packed = pa.array([pack_reply(_) for _ in replies], pa.binary())
            yield pa.RecordBatch.from_arrays([batch.column("id"), packed], names=["id", "reply"])
