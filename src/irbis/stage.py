"""The one idea: a stage is Params, an output schema and one pure function on an Arrow batch.

Subclass :class:`Stage` and write three methods; Spark batch, Spark streaming, a server and a plain
Python process all run the same function::

    class Shout(Stage):
        inputCol: ParamField[str] = param("text to shout", text, default="text")
        outputCol: ParamField[str] = param("shouted text", text, default="shout")

        def input_columns(self): return [self.getInputCol()]
        def output_fields(self, schema): return [pa.field(self.getOutputCol(), pa.string())]
        def make_function(self): return ShoutFunction(self.getInputCol(), self.getOutputCol())
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pyspark.ml import Transformer
from pyspark.ml.util import MLReadable, MLWritable
from pyspark.sql import DataFrame

from irbis import execution
from irbis.converters import one_of, optional, text
from irbis.errors import ParamError
from irbis.files import FileRef
from irbis.params import HasParams, ParamField, param
from irbis.persistence import StageReader, StageWriter
from irbis.schema import ERROR, BatchFunction, StreamFunction, put_field
from irbis.streaming import PerBatch

__all__ = ["HasErrors", "RelationalStage", "Stage", "StreamStage", "Traits"]


@dataclass(frozen=True)
class Traits:
    """What a stage promises of its function; :func:`irbis.testing.check_stage` holds it to that.

    Parameters
    ----------
    split_invariant : bool, default True
        The same rows, however the input is cut into batches.
    pure : bool, default True
        The same batch in gives the same batch out, and the input is not changed.
    tolerance : float, default 0.0
        Largest relative difference allowed between two ways to run it; 0 means to the bit.
    varies : tuple of str, default ()
        Fields of the result that differ from run to run, such as a time taken.
    regroups : bool, default False
        Rows go into rows of lists, and partitions (if it is not split-invariant: how rows arrive)
        decide which meet in one; the same rows in the same order all the same.
    why : str, default ""
        The reason, wherever a promise is not made.
    """

    split_invariant: bool = True
    pure: bool = True
    tolerance: float = 0.0
    varies: tuple[str, ...] = ()
    regroups: bool = False
    why: str = ""


class _Runs(HasParams, Transformer, MLReadable[Any], MLWritable):
    """How everything of ours is called, saved and loaded."""

    traits: ClassVar[Traits] = Traits()

    def transform(self, dataset: Any, params: Any = None) -> Any:
        """Run the stage.

        Parameters
        ----------
        dataset : DataFrame of Spark (classic, Connect, streaming), pa.Table, pa.RecordBatch or
            pandas.DataFrame
        params : dict, optional
            Params for this call only.

        Returns
        -------
        The kind that was given. Arrow and pandas need no Spark session.
        """
        stage = self.copy(params) if params else self
        return execution.run([stage], dataset)

    __call__ = transform

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return execution.run([self], dataset)

    def write(self) -> StageWriter:
        """Writer for any path Spark can write to; ``write().overwrite().save(path)`` replaces."""
        return StageWriter(self)

    @classmethod
    def read(cls) -> StageReader:
        """Reader for what :meth:`write` wrote, on classic Spark and on Connect."""
        return StageReader(cls)


class Stage(_Runs):
    """Base of every stage; see the module's docstring and docs/write_a_stage.md."""

    #: "one": each row in gives one row out, in order. "many": the number of rows changes.
    rows: ClassVar[Literal["one", "many"]] = "one"
    #: True: it reads every column there is, whatever input_columns() names.
    reads_all: ClassVar[bool] = False

    @abstractmethod
    def input_columns(self) -> list[str]:
        """Names of all columns the function reads."""

    @abstractmethod
    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Fields the function adds or replaces; raises SchemaError for input it can't read."""

    @abstractmethod
    def make_function(self) -> BatchFunction:
        """Make the pure function: small and picklable, from a module that imports no pyspark.

        What is heavy (a model) it loads at its first call, through :mod:`irbis.process_cache`.
        Columns it does not name pass through it untouched.
        """

    def output_schema(self, schema: pa.Schema) -> pa.Schema:
        """Schema of the function's result for a batch of `schema`; runs on the driver.

        Raises
        ------
        SchemaError, ParamError
            If the stage can't run on such a batch.
        """
        for field in self.output_fields(schema):
            schema = put_field(schema, field)
        return schema

    def files(self) -> list[FileRef]:
        """Files the function opens; they are saved with the stage."""
        return []


class StreamStage(Stage):
    """Base of a stage that gains from looking ahead: it reads further batches before it answers.

    It defines :meth:`make_stream_function` in place of ``make_function``, which is derived from it
    for callers that have one batch at a time. Spark runs it through ``mapInArrow``.
    """

    @abstractmethod
    def make_stream_function(self) -> StreamFunction:
        """Make the function from an iterator of batches to an iterator of batches.

        The same rows in the same order, cut into batches as it likes; at least one batch where it
        was given one. Small and picklable, from a module that imports no pyspark.
        """

    def make_function(self) -> BatchFunction:
        """Derive the function of one batch."""
        return PerBatch(self.make_stream_function())


class RelationalStage(_Runs):
    """Base of a stage that needs all rows at once, or moves them: Spark's work on a DataFrame.

    It ends a run of stages that fuse; see :class:`irbis.planning.Relational`.
    """

    @abstractmethod
    def output_schema(self, schema: pa.Schema) -> pa.Schema:
        """Schema of the result; raises SchemaError for input it can't read."""

    @abstractmethod
    def needed_columns(self) -> list[str] | None:
        """Columns it needs, or None if it passes the others on."""

    @abstractmethod
    def aggregate_table(self, table: pa.Table) -> pa.Table:
        """Do it on a table."""

    @abstractmethod
    def aggregate_spark(self, frame: DataFrame) -> DataFrame:
        """Do it on a Spark DataFrame."""


class HasErrors(HasParams):
    """Params of every stage whose rows can fail."""

    errors: ParamField[str] = param(
        "'column' puts what went wrong into errorCol; 'raise' fails the job at the first bad row",
        one_of("column", "raise"),
        default="column",
    )
    errorCol: ParamField[str | None] = param(
        "column of struct(kind, message, status, attempts), null in good rows; not there with "
        "errors='raise'",
        optional(text),
        default="{outputCol}_error",
    )

    def error_column(self) -> str | None:
        """Name of the error column, or None if the stage raises instead.

        Raises
        ------
        ParamError
            If errors would be lost: neither a column nor raised.
        """
        if self.value("errors") == "raise":
            return None
        name: str | None = self.value("errorCol")
        if name is None:
            raise ParamError(
                "errorCol=None with errors='column'",
                expected="errors to go somewhere",
                do="set errors='raise' or name an errorCol",
            )
        return name.replace("{outputCol}", self.main_output()) if "{outputCol}" in name else name

    def main_output(self) -> str:
        """Name that ``{outputCol}`` stands for in errorCol."""
        return str(self.value("outputCol"))

    def error_fields(self) -> list[pa.Field]:
        """Return the error column's field, if there is one."""
        name = self.error_column()
        return [] if name is None else [pa.field(name, ERROR)]
