"""``frame.writeStream.server().replyTo(name).start()``: the second half of the deck's spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from irbis.errors import ParamError
from irbis.serving.compiling import compile_stages
from irbis.serving.continuous import ContinuousQuery, Plan

if TYPE_CHECKING:
    from irbis.serving.frame import ServingFrame

__all__ = ["ServingWriter"]


class ServingWriter:
    """Starts the query of a serving frame.

    Parameters
    ----------
    frame : ServingFrame
    """

    def __init__(self, frame: ServingFrame) -> None:
        self.frame = frame
        self.name: str | None = None

    def server(self) -> Self:
        """Answer the requests: the mode is the one that was read from."""
        return self

    distributedServer = continuousServer = server

    def replyTo(self, name: str) -> Self:
        """Set whose requests are answered: the name that address() was told."""
        if name != self.frame.settings.name:
            raise ParamError(f"replyTo({name!r})", expected=f"{self.frame.settings.name!r}")
        self.name = name
        return self

    def queryName(self, queryName: str) -> Self:
        """Accept a name, as a DataStreamWriter does; the query has its service's."""
        del queryName
        return self

    def option(self, key: str, value: Any) -> Self:
        """Set a front's option; checkpointLocation is accepted, and there is nothing to keep."""
        if key != "checkpointLocation":
            self.frame.settings = self.frame.settings.set(**{key: value})
        return self

    def options(self, **options: Any) -> Self:
        """Set several options."""
        for key, value in options.items():
            self.option(key, value)
        return self

    def start(self) -> ContinuousQuery:
        """Start; returns when a front is ready.

        Raises
        ------
        ParamError
            If a stage can't run in a front, or the address is taken.
        SchemaError
            If a column is missing.
        EngineError
            If no front comes up.
        """
        frame = self.frame
        if frame.reply is None:
            raise ParamError("a frame without makeReply", expected="makeReply(column) first")
        column, form = frame.reply
        compiled = compile_stages(
            frame.stages,
            frame.parser,
            column,
            filtered_status=frame.settings.filtered_status,
            image_format=form,
        )
        plan = Plan(
            frame.settings,
            frame.parser,
            compiled,
            fronts=frame.options.get("numPartitions", 1),
            start_timeout=frame.options.get("startTimeout", 120.0),
        )
        return ContinuousQuery(frame.sparkSession, plan)
