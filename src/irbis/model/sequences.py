"""GroupSequences: pictures of one camera within seconds of each other are looks at one thing."""

from __future__ import annotations

import pyarrow as pa
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from irbis.converters import names, number, text
from irbis.errors import SchemaError
from irbis.model.sequencing import MARK, sequence_names
from irbis.params import ParamField, param
from irbis.schema import field_of, put_field
from irbis.spark_schema import arrow_schema, quoted
from irbis.stage import RelationalStage, Traits

__all__ = ["GroupSequences"]


class GroupSequences(RelationalStage):
    """Name the sequence that each picture belongs to: a burst, or an animal that stays a while.

    A relational stage: a window over each camera's pictures in Spark, the same on an Arrow table.
    :class:`irbis.EnsembleByKey` with the result among its keys makes one answer of each sequence.

    In a stream there is no window over all that will come: the column then holds the camera alone,
    and EnsembleByKey, with `eventTimeCol`, `gap` and `watermark`, makes the sequences out of it
    (Spark's session windows) and writes each when it is closed. Set its `gap` to the same seconds.

    Parameters
    ----------
    keys : list of str, default ["camera"]
        Columns that tell cameras apart: strings or whole numbers.
    timeCol : str, default "taken"
        Column of timestamps.
    gap : float, seconds, default 60, from 1
        Pictures of a camera that are further apart begin a new sequence.
    outputCol : str, default "group"
        string: ``CAMERA@SECOND``, the Unix second of the sequence's first picture; null without a
        time. In a stream: ``CAMERA``.

    Raises
    ------
    SchemaError
        On the driver, for columns of other types.

    Examples
    --------
    >>> times = pa.array([100, 130, 400], pa.timestamp("s", tz="UTC")).cast(pa.timestamp("us", "UTC"))
    >>> table = pa.table({"camera": ["a", "a", "a"], "taken": times})
    >>> GroupSequences(gap=60).transform(table)["group"].to_pylist()
    ['a@100', 'a@100', 'a@400']
    """

    traits = Traits(split_invariant=False, why="a sequence is made of rows and their neighbours")

    keys: ParamField[list[str]] = param(
        "columns that tell cameras apart", names, default=["camera"]
    )
    timeCol: ParamField[str] = param("column of timestamps", text, default="taken")
    gap: ParamField[float] = param("seconds apart at most", number(1), default=60.0)
    outputCol: ParamField[str] = param("column of sequences", text, default="group")

    def input_columns(self) -> list[str]:
        """Cameras and times."""
        return [*self.value("keys"), self.value("timeCol")]

    def needed_columns(self) -> list[str] | None:
        """None: the columns pass through."""
        return None

    def output_schema(self, schema: pa.Schema) -> pa.Schema:
        """Schema of the result: one column more."""
        for key in self.value("keys"):
            type_ = field_of(schema, key, reader="GroupSequences").type
            type_ = type_.value_type if pa.types.is_dictionary(type_) else type_
            if not (pa.types.is_string(type_) or pa.types.is_integer(type_)):
                raise SchemaError(f"{key}: {type_}", expected="strings or whole numbers")
        time = field_of(schema, self.value("timeCol"), reader="GroupSequences")
        if not pa.types.is_timestamp(time.type) or time.type.tz is None:
            raise SchemaError(f"{time.name}: {time.type}", expected="a timestamp with a zone")
        return put_field(schema, pa.field(self.value("outputCol"), pa.string()))

    def aggregate_table(self, table: pa.Table) -> pa.Table:
        """Name the sequences of a table; its rows keep their order."""
        schema = self.output_schema(table.schema)
        whole = table.select(self.input_columns()).combine_chunks().unify_dictionaries()
        keys = [_plain(whole[key]) for key in self.value("keys")]
        times = _plain(whole[self.value("timeCol")]).cast(pa.timestamp("us", tz="UTC"))
        made = sequence_names(keys, times, round(self.value("gap") * 1_000_000))
        name = self.value("outputCol")
        at = table.schema.get_field_index(name)
        field = schema.field(name)
        return table.append_column(field, made) if at < 0 else table.set_column(at, field, made)

    def aggregate_spark(self, frame: DataFrame) -> DataFrame:
        """Name the sequences of a Spark DataFrame; in a stream, the cameras."""
        self.output_schema(arrow_schema(frame.schema))
        name, keys = self.value("outputCol"), [F.col(quoted(k)) for k in self.value("keys")]
        camera = F.concat_ws("/", *[F.coalesce(k.cast("string"), F.lit("")) for k in keys])
        time = F.col(quoted(self.value("timeCol")))
        if frame.isStreaming:
            return frame.withColumn(name, F.when(time.isNotNull(), camera))
        helper = "irbis"
        while any(column.startswith(helper) for column in [*frame.columns, name]):
            helper += "_"
        window = Window.partitionBy(*keys).orderBy(time)
        before = F.lag(F.unix_micros(time)).over(window)
        far = F.unix_micros(time) - before > round(self.value("gap") * 1_000_000)
        begins = F.when(before.isNull() | far, F.unix_seconds(time))
        start: Column = F.last(F.col(helper), ignorenulls=True).over(
            window.rowsBetween(Window.unboundedPreceding, Window.currentRow)
        )
        named = F.when(time.isNotNull(), F.concat(camera, F.lit(MARK), start.cast("string")))
        return frame.withColumn(helper, begins).withColumn(name, named).drop(helper)


def _plain(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
