"""server and distributedServer: requests as a streaming DataFrame, any Spark query, replies."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from irbis.errors import ParamError
from irbis.planning import Foreign, Relation, plan
from irbis.schema import ERROR, field_of
from irbis.serving.compiling import compile_steps
from irbis.serving.control import Control
from irbis.serving.microbatch_functions import (
    REQUEST_ERROR,
    ParseFunction,
    ReplyFunction,
    WithinRequests,
)
from irbis.serving.microbatch_query import MicroBatchQuery
from irbis.serving.reachable import reachable_host
from irbis.serving.reply_maker import ReplyMaker
from irbis.serving.request_parser import RequestParser, Unparsed
from irbis.serving.served import ID
from irbis.serving.settings import FrontSettings
from irbis.serving.sink import ReplySink
from irbis.serving.source import SCHEMA, RequestSource
from irbis.serving.spark_types import parser_of
from irbis.shipping import files_in, ship
from irbis.spark_schema import arrow_schema, quoted, spark_schema

__all__ = ["Service", "load", "make_reply", "parse_request", "writer"]


@dataclass
class Service:
    """What load() began and start() finishes; one a name."""

    spark: SparkSession
    mode: str
    settings: FrontSettings
    options: dict[str, Any]
    control: Control
    parser: RequestParser = field(default_factory=Unparsed)
    reply: ReplyMaker | None = None


_services: dict[str, Service] = {}


def load(
    spark: SparkSession, mode: str, settings: FrontSettings, options: dict[str, Any]
) -> DataFrame:
    """Make the streaming frame of the columns id and request."""
    spark.dataSource.register(RequestSource)
    spark.dataSource.register(ReplySink)
    control = Control(reachable_host(spark))
    if (replaced := _services.pop(settings.name, None)) is not None:
        replaced.control.close()  # never started
    service = Service(spark, mode, settings, options, control)
    _services[settings.name] = service
    reader = spark.readStream.format(RequestSource.name())
    frame: DataFrame = _with_place(reader, control).load()
    _mark(frame, service)
    return frame


def _with_place(options: Any, control: Control) -> Any:
    # Spark redacts an option of this name wherever it shows options.
    told = {"host": control.host, "port": str(control.port), "secret": control.secret}
    return options.options(**told)


def _mark(frame: DataFrame, service: Service) -> None:
    frame.__dict__["_irbis_service"] = service


def parse_request(frame: DataFrame, schema: Any, output: str | None = None) -> DataFrame:
    """Add the columns of the parsed body; what can't be read is answered by the front.

    Raises
    ------
    ParamError
        Unless it stands directly behind load().
    """
    service = frame.__dict__.get("_irbis_service")
    if service is None:
        raise ParamError(
            "parseRequest of a frame that does not come from load()",
            expected="spark.readStream.server().address(...).load().parseRequest(...)",
        )
    service.parser = parser_of(schema, output)
    function = ParseFunction(service.parser)
    if [f.type for f in function.fields] == [pa.binary()]:
        body = F.col("request.entity.content")
        parsed = frame.withColumn(function.fields[0].name, body)
    else:
        schema_ = spark_schema(pa.schema([*SCHEMA, *function.fields]))
        parsed = frame.mapInArrow(function, schema_)
    parsed.__dict__["irbis_transform"] = lambda stages: within_requests(parsed, stages)
    return parsed


def within_requests(frame: DataFrame, stages: Sequence[Any]) -> DataFrame | None:
    """Run stages of which one combines rows, such as EnsembleByKey, within each request.

    None if there is none, or one that only Spark can run: then they run as on any other frame.
    """
    steps = plan(stages, jvm=False)
    if any(isinstance(s, Foreign) for s in steps) or not any(
        isinstance(s, Relation) for s in steps
    ):
        return None
    schema = arrow_schema(frame.schema).append(pa.field(ID, pa.int32()))
    compiled = compile_steps(steps, schema)
    ship(frame.sparkSession, files_in(compiled.steps))
    kept = [f for f in compiled.schema if f.name not in (ID, "id", REQUEST_ERROR)]
    result = pa.schema([SCHEMA.field("id"), *kept, pa.field(REQUEST_ERROR, ERROR)])
    function = WithinRequests(compiled.steps, tuple(result.names[1:]))
    return frame.mapInArrow(function, spark_schema(result))


def make_reply(frame: DataFrame, column: str, image_format: str = "PNG") -> DataFrame:
    """Make the frame of the columns id and reply.

    Raises
    ------
    SchemaError
        If the column is missing, or the column id, which tells whom to answer.
    """
    schema = arrow_schema(frame.schema)
    found = field_of(schema, column, reader="makeReply")
    field_of(schema, "id", reader="makeReply, to know whom to answer,")
    errors = tuple(f.name for f in schema if f.type == ERROR and f.name not in ("id", column))
    maker = ReplyMaker(column, found.type, image_format)
    names = list(dict.fromkeys(["id", column, *errors]))
    chosen = frame.select(*[F.col(quoted(n)) for n in names])
    _last.append(maker)
    return chosen.mapInArrow(ReplyFunction(maker, errors), "id string, reply binary")


#: What makeReply made last: the OpenAPI document of the next query that starts tells of it.
_last: deque[ReplyMaker] = deque(maxlen=1)


class MicroBatchWriter:
    """Starts a query that answers requests.

    Parameters
    ----------
    writer : DataStreamWriter
    """

    def __init__(self, stream_writer: Any) -> None:
        self.writer = stream_writer
        self.service: Service | None = None
        self.settings: dict[str, Any] = {}

    def replyTo(self, name: str) -> Self:
        """Set whose requests are answered: the name that address() was told.

        Raises
        ------
        ParamError
            If there is no such service.
        """
        if name not in _services:
            known = ", ".join(sorted(_services)) or "none"
            raise ParamError(
                f"replyTo({name!r})",
                expected=f"a name that address() was told in this process: {known}",
            )
        self.service = _services[name]
        return self

    def option(self, key: str, value: Any) -> Self:
        """Set an option: unanswered ("filter" or "wait"), or one of Spark's sinks."""
        self.writer = self.writer.option(key, value)
        self.settings[key] = value
        return self

    def options(self, **options: Any) -> Self:
        """Set several options."""
        for key, value in options.items():
            self.option(key, value)
        return self

    def trigger(self, **kwargs: Any) -> Self:
        """Set the trigger, as of any streaming query."""
        self.writer = self.writer.trigger(**kwargs)
        return self

    def outputMode(self, outputMode: str) -> Self:
        """Set the output mode, as of any streaming query."""
        self.writer = self.writer.outputMode(outputMode)
        return self

    def queryName(self, queryName: str) -> Self:
        """Set the name of the streaming query."""
        self.writer = self.writer.queryName(queryName)
        return self

    def start(self) -> MicroBatchQuery:
        """Start; returns when a front is ready.

        Raises
        ------
        ParamError
            Without replyTo, or if the address is taken.
        EngineError
            If no front comes up.
        """
        if self.service is None:
            raise ParamError("start() without replyTo", expected="replyTo(name) first")
        service, self.service = self.service, None
        _services.pop(service.settings.name, None)
        if not _last:
            raise ParamError("a frame without makeReply", expected="makeReply(column) first")
        service.reply = _last[-1]
        made = _with_place(self.writer.format(ReplySink.name()), service.control)
        return MicroBatchQuery(service, made, self.settings.get("checkpointLocation"))


def writer(stream_writer: Any) -> MicroBatchWriter:
    """Make the writer; a DataStreamWriter's server() calls it."""
    return MicroBatchWriter(stream_writer)
