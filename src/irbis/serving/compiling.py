"""From recorded stages to the function of a front; runs where the query is started."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from irbis import adapters
from irbis.errors import ParamError, SchemaError
from irbis.http.messages import REQUEST
from irbis.planning import Foreign, Relation, Run, plan
from irbis.schema import ERROR, BatchFunction, field_of
from irbis.serving.reply_maker import ReplyMaker
from irbis.serving.request_parser import RequestParser
from irbis.serving.served import ID, Grouped, Served

__all__ = ["Compiled", "compile_stages", "compile_steps", "input_schema"]


@dataclass(frozen=True)
class Compiled:
    """A front's function, and what is known of it.

    Parameters
    ----------
    served : Served
    schema : pa.Schema
        Of the result.
    pure : bool
        Whether it may be tried on a value that nobody sent.
    """

    served: Served
    schema: pa.Schema
    pure: bool


def input_schema(parser: RequestParser) -> pa.Schema:
    """Columns of a serving frame before its stages: the parser's, and request."""
    return pa.schema([*parser.fields, pa.field("request", REQUEST)])


def compile_stages(
    stages: Iterable[Any],
    parser: RequestParser,
    reply: str,
    *,
    filtered_status: int = 404,
    image_format: str = "PNG",
) -> Compiled:
    """Make the function.

    Raises
    ------
    ParamError
        If a stage can't run in a front; the message names the modes that can.
    SchemaError
        If a column is missing.
    """
    steps = plan(stages, jvm=False)
    for step in steps:
        if isinstance(step, Foreign):
            raise ParamError(
                f"{type(step.transformer).__name__} in continuousServer()",
                expected=f"irbis stages, or one of {', '.join(adapters.names())}",
                do="use server() or distributedServer(), which run any Spark query",
            )
    schema = input_schema(parser)
    changes = any(isinstance(s, Relation) or not s.keeps_rows for s in steps)  # type: ignore[union-attr]
    if changes:
        schema = schema.append(pa.field(ID, pa.int32()))
    made = compile_steps(steps, schema)
    schema = made.schema
    with_request = reply == "request" or made.reads_request
    column = field_of(schema, reply, reader="makeReply")
    if changes and (ID not in schema.names or schema.field(ID).type != pa.int32()):
        raise SchemaError(
            "rows that no longer tell which request they belong to",
            expected="stages that keep each request's rows apart",
            do="end with FlattenBatch, or use server(), which runs any Spark query",
        )
    maker = ReplyMaker(reply, column.type, image_format)
    served = Served(parser, made.steps, maker, with_request, changes, filtered_status)
    return Compiled(served, schema, made.pure)


@dataclass(frozen=True)
class Steps:
    """Functions of a plan, each with the error columns it writes; and what is known of them."""

    steps: tuple[tuple[BatchFunction, tuple[str, ...]], ...]
    schema: pa.Schema
    reads_request: bool
    pure: bool


def compile_steps(steps: Iterable[Run | Relation | Foreign], schema: pa.Schema) -> Steps:
    """Make the functions of steps none of which is Foreign; relations work within each request."""
    made: list[tuple[BatchFunction, tuple[str, ...]]] = []
    with_request, pure = False, True
    for step in steps:
        function: BatchFunction
        if isinstance(step, Relation):
            stage = within_request(step.stage, schema)
            function = Grouped(stage)
            with_request |= "request" in (stage.needed_columns() or ())
            before, schema = schema, stage.output_schema(schema)
        elif isinstance(step, Run):
            with_request |= "request" in step.reads(schema)
            function = step.function()
            before, schema = schema, step.output_schema(schema)
            pure &= all(getattr(getattr(s, "traits", None), "pure", True) for s in step.stages)
        else:
            raise TypeError(step)
        errors = tuple(f.name for f in schema if f.type == ERROR and f not in before)
        made.append((function, errors))
    return Steps(tuple(made), schema, with_request, pure)


def within_request(stage: Any, schema: pa.Schema) -> Any:
    """Copy a relational stage with the request's id among its keys, missing keys left out."""
    if not (hasattr(stage, "hasParam") and stage.hasParam("keys")):
        return stage
    keys = [k for k in stage.getOrDefault("keys") if k in schema.names]
    return stage.copy({stage.getParam("keys"): [*keys, ID]})
