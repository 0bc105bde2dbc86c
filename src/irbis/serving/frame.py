"""ServingFrame: what readStream.continuousServer().load() returns. It records what is done to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql.types import DataType, StructType

from irbis.errors import ParamError
from irbis.planning import Foreign, Relation, Run, plan
from irbis.serving.compiling import input_schema
from irbis.serving.request_parser import RequestParser, Unparsed
from irbis.serving.settings import FrontSettings
from irbis.serving.spark_types import parser_of
from irbis.spark_schema import spark_schema

__all__ = ["ServingFrame"]


class ServingFrame:
    """A recording stand-in for a streaming DataFrame: parseRequest, stages, makeReply, writeStream.

    Stages and pipelines of irbis append themselves to it when their ``transform`` is called with
    it. Any other method of a DataFrame raises ParamError, which names the mode that has it: there
    are no micro-batches here, only a function that runs where the socket is.

    Parameters
    ----------
    spark : SparkSession
    settings : FrontSettings
    options : dict
        Of the query: numPartitions, startTimeout.
    parser, stages, reply
        What was recorded so far.
    """

    #: As of a streaming DataFrame.
    isStreaming = True

    def __init__(
        self,
        spark: SparkSession,
        settings: FrontSettings,
        options: dict[str, Any],
        parser: RequestParser | None = None,
        stages: Sequence[Any] = (),
        reply: tuple[str, str] | None = None,
    ) -> None:
        self.sparkSession, self.settings, self.options = spark, settings, options
        self.parser: RequestParser = parser or Unparsed()
        self.stages, self.reply = tuple(stages), reply

    def parseRequest(self, schema: DataType | str, outputCol: str | None = None) -> ServingFrame:
        """Read the body of each request.

        Parameters
        ----------
        schema : DataType or str
            BinaryType() or "binary", StringType() or "string", a StructType (or its fields in
            Spark's spelling) for a JSON object, ImageSchema's struct or "image" for a picture.
        outputCol : str, optional
            Default "image" for bytes and pictures, "value" for text; a JSON object's fields are
            columns of their own names.

        Raises
        ------
        ParamError
        """
        if self.stages or not isinstance(self.parser, Unparsed):
            raise ParamError(
                "parseRequest behind another step", expected="it once, directly behind load()"
            )
        return self._with(parser=parser_of(schema, outputCol))

    def append_stages(self, stages: Sequence[Any]) -> ServingFrame:
        """Record stages; :func:`irbis.execution.run` calls it."""
        if self.reply is not None:
            raise ParamError("a stage behind makeReply", expected="makeReply as the last step")
        return self._with(stages=(*self.stages, *stages))

    def transform(
        self, func: Callable[..., ServingFrame], *args: Any, **kwargs: Any
    ) -> ServingFrame:
        """Call a function, such as a stage, with this frame."""
        return func(self, *args, **kwargs)

    def makeReply(self, replyCol: str, imageFormat: str = "PNG") -> ServingFrame:
        """Answer with a column; see docs/serving.md for what becomes of which type."""
        return self._with(reply=(replyCol, imageFormat))

    @property
    def schema(self) -> StructType:
        """Columns at this point."""
        schema = input_schema(self.parser)
        for step in plan(self.stages, jvm=False):
            if not isinstance(step, Foreign):
                part: Any = step.stage if isinstance(step, Relation) else step
                schema = _known(part, schema)
        return spark_schema(schema)

    @property
    def columns(self) -> list[str]:
        """Names of the columns at this point."""
        return list(self.schema.names)

    @property
    def writeStream(self) -> Any:
        """Where the query is started: ``.server().replyTo(name).start()``."""
        from irbis.serving.writer import ServingWriter

        return ServingWriter(self)

    def _with(self, **changes: Any) -> ServingFrame:
        known = {"parser": self.parser, "stages": self.stages, "reply": self.reply}
        return ServingFrame(self.sparkSession, self.settings, self.options, **{**known, **changes})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            if name == "_jdf":
                raise ParamError(
                    "a transformer of Spark's own, called alone with a continuousServer frame",
                    expected="a stage or pipeline of irbis",
                    do="put it into irbis.PipelineModel(stages=[...]), which has adapters for "
                    "Spark's models, or use server() or distributedServer()",
                )
            raise AttributeError(name)
        raise ParamError(
            f"{name} of a continuousServer frame",
            expected="parseRequest, transform, makeReply, writeStream, columns or schema",
            do="use server() or distributedServer(), which have all that a DataFrame has",
        )

    def __repr__(self) -> str:
        names = ", ".join(type(s).__name__ for s in self.stages)
        return f"ServingFrame({self.settings!r}, stages=[{names}])"


def _known(part: Any, schema: Any) -> Any:
    if not isinstance(part, Run) and hasattr(part, "hasParam") and part.hasParam("keys"):
        # A key that is missing falls back to the request's id, which is no column to be seen.
        keys = [k for k in part.getOrDefault("keys") if k in schema.names]
        if len(keys) < len(part.getOrDefault("keys")):
            import pyarrow as pa

            from irbis.serving.compiling import within_request
            from irbis.serving.served import ID

            held = schema.append(pa.field(ID, pa.int32()))
            made = within_request(part, held).output_schema(held)
            return made.remove(made.get_field_index(ID))
    return part.output_schema(schema)
