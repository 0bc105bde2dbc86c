"""The function of a front: requests of one batch through parser, stages and reply maker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Protocol

import pyarrow as pa

from irbis.schema import BatchFunction
from irbis.serving.message import Reply, Request, problem
from irbis.serving.numbers import Numbers, numbers_of
from irbis.serving.reply_maker import ReplyMaker
from irbis.serving.request_parser import RequestParser, requests_column

__all__ = ["ID", "Grouped", "Served", "error_reply"]

#: Column of a batch that tells to which request a row belongs.
ID = "irbis_request"
# Kinds of errors that a service further on is to blame for.
_UPSTREAM = {"connect", "tls", "timeout", "deadline", "disconnected", "protocol", "redirect",
             "status"}  # fmt: skip


class _Aggregates(Protocol):
    def aggregate_table(self, table: pa.Table) -> pa.Table: ...


@dataclass(frozen=True)
class Grouped:
    """A relational stage within each request: the request's id is one of its keys."""

    stage: _Aggregates

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Aggregate the rows of a batch."""
        made = self.stage.aggregate_table(pa.Table.from_batches([batch])).combine_chunks()
        batches = made.to_batches()
        return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=made.schema)


@dataclass(frozen=True)
class Served:
    """What a front does to a batch of requests; small and picklable, imports no pyspark.

    Parameters
    ----------
    parser : RequestParser
    steps : tuple of (function, names of error columns it may write)
    reply : ReplyMaker
    with_request : bool
        Whether a stage, or the reply, reads the column ``request``.
    with_id : bool
        Whether rows are more or fewer than requests.
    filtered_status : int
        Status of a request whose row is no longer there.
    """

    parser: RequestParser
    steps: tuple[tuple[BatchFunction, tuple[str, ...]], ...]
    reply: ReplyMaker
    with_request: bool
    with_id: bool
    filtered_status: int = 404

    def __call__(self, values: Sequence[Any], requests: Sequence[Request]) -> Sequence[Reply]:
        """Answer a batch; one reply for each request, in order."""
        if self._numbers is not None and (listed := self._numbers(values)) is not None:
            return self.reply.of_values(listed)
        return self._through_arrow(values, requests)

    def _through_arrow(self, values: Sequence[Any], requests: Sequence[Request]) -> Sequence[Reply]:
        arrays, faults = self.parser.columns(values)
        names = self._names
        if self.with_request:
            arrays, names = [*arrays, requests_column(requests)], [*names, "request"]
        if self.with_id:
            arrays = [*arrays, pa.array(range(len(requests)), pa.int32())]
            names = [*names, ID]
        batch = pa.RecordBatch.from_arrays(arrays, names=names)
        ids: list[int] | None = None
        if faults:
            ids = [row for row in range(len(requests)) if row not in faults]
            batch = batch.take(pa.array(ids, pa.int32()))
        errors: dict[int, Reply] = {}
        for step, error_columns in self.steps:
            batch = step(batch)
            for name in error_columns:
                self._note(batch, name, ids, errors)
        values_out = batch.column(self.reply.column)
        if values_out.type != self.reply.type:
            values_out = values_out.cast(self.reply.type)
        made = self.reply.replies(values_out)
        if not (self.with_id or faults or errors):
            return made
        return self._matched(batch, made, ids, {**errors, **faults}, len(requests))

    @cached_property
    def _numbers(self) -> Numbers | None:
        if self.with_request or self.with_id:
            return None
        functions = [function for function, _ in self.steps]
        return numbers_of(self.parser, functions, self.reply.column, self.reply.type)

    def __getstate__(self) -> dict[str, Any]:
        # Without what is cached.
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @cached_property
    def _names(self) -> list[str]:
        return [f.name for f in self.parser.fields]

    def _matched(
        self,
        batch: pa.RecordBatch,
        made: Sequence[Reply],
        ids: list[int] | None,
        errors: dict[int, Reply],
        count: int,
    ) -> list[Reply]:
        """For each request its first row, or what went wrong with it, or that it was filtered."""
        rows = self._ids(batch, ids)
        if len(rows) != len(made):
            raise RuntimeError(f"{len(made)} rows of {len(rows)} requests")
        found: list[Reply | None] = [None] * count
        nulls = batch.column(self.reply.column).is_null().to_pylist()
        for at, row in enumerate(rows):
            if found[row] is None:
                found[row] = errors[row] if nulls[at] and row in errors else made[at]
        for row, reply in enumerate(found):
            if reply is None:
                found[row] = errors.get(row) or self._filtered()
        return [reply for reply in found if reply is not None]

    def _ids(self, batch: pa.RecordBatch, ids: list[int] | None) -> list[int]:
        if self.with_id:
            listed: list[int] = batch.column(ID).to_pylist()
            return listed
        return list(range(batch.num_rows)) if ids is None else ids

    def _note(
        self, batch: pa.RecordBatch, name: str, ids: list[int] | None, errors: dict[int, Reply]
    ) -> None:
        at = batch.schema.get_field_index(name)
        if at < 0 or batch.column(at).null_count == batch.num_rows:
            return
        for row, error in zip(self._ids(batch, ids), batch.column(at).to_pylist(), strict=True):
            if error is not None and row not in errors:
                errors[row] = error_reply(error)

    def _filtered(self) -> Reply:
        if self.filtered_status == 204:
            return Reply(204, type="")
        return problem(self.filtered_status, "the query has no answer to this request")


def error_reply(error: dict[str, Any]) -> Reply:
    """What a row's error column says, as a reply: the request's fault, a service's, or ours."""
    kind, message = error["kind"] or "internal", error["message"] or ""
    if kind in _UPSTREAM:
        return problem(502, message, kind=kind)
    return problem(500 if kind in ("internal", "handler") else 422, message, kind=kind)
