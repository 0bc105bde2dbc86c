"""EnsembleByKey: one answer from several looks at the same thing (mirror images, a burst)."""

from __future__ import annotations

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from irbis.converters import flag, names, one_of, optional, text
from irbis.errors import ParamError, SchemaError
from irbis.model.aggregates import Aggregate
from irbis.model.grouping import (
    STRATEGIES,
    can_combine,
    earliest,
    ensemble_fields,
    group_table,
)
from irbis.model.sessions import check_stream, interval, session
from irbis.params import UNSET, ParamField, param
from irbis.schema import field_of, put_field
from irbis.spark_schema import arrow_schema, quoted
from irbis.stage import RelationalStage, Traits

__all__ = ["EnsembleByKey"]


class EnsembleByKey(RelationalStage):
    """Make one answer of the rows that share a key: their mean, their maximum or their vote.

    A relational stage: a groupBy in Spark, the same on an Arrow table in a local or served
    call. Nulls (pictures that failed) are left out, and so are lists with a null in them; a group
    of nulls has a null result, and so has a group whose vectors differ in length. Keys are equal as
    in Spark's GROUP BY: null equals null, NaN equals NaN, -0.0 equals 0.0. In Spark the vectors of
    one group meet in one task's memory.

    Parameters
    ----------
    keys : list of str
        Columns whose equal values make a group.
    cols : list of str
        Columns to combine: vectors, lists of numbers or numbers; for a vote, strings and booleans
        too.
    strategy : {"mean", "max", "vote"}, default "mean"
        "mean": numbers give a double, vectors a vector, lists a list of doubles. "max": the same
        element by element, numbers keep their type; NaN is larger than any number. "vote": the
        commonest value, of the column's type; a vector or a list votes with the index of its
        largest element (the first of several), as a double. Of equally common values the smallest
        wins: by bytes for strings, False before True.
    colNames : list of str, default ``<strategy>(<col>)`` for each of `cols`
        Names of the results, such as ``mean(prob)``.
    collapseGroup : bool, default True
        True: one row a group with the keys and the results. False: every row, with the results
        added.
    eventTimeCol : str or None, default None
        Timestamp column, read in a stream only. Rows without a time are dropped there.
    watermark : str or None, default None
        Time span such as "10 minutes", used in a stream only: a group is closed when nothing came
        for `gap` of event time, and is written (output mode append) once the stream's event time
        is the watermark past that. Rows that come later than that are dropped. A key that comes
        back later begins a new group; a batch would put it into the old one.
    gap : str or None, default None
        Time span without a row that ends a group in a stream. None: as long as `watermark`.
    startCol : str or None, default None
        Column for the earliest `eventTimeCol` of each group, in batches too. None: not returned.

    Raises
    ------
    SchemaError
        On the driver, for columns it can't combine; for a streaming DataFrame without
        `eventTimeCol` and `watermark`, or with ``collapseGroup=False``.

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = pa.table({"group": [1, 1, 2], "p": [0.0, 1.0, 3.0]})
    >>> EnsembleByKey(keys=["group"], cols=["p"]).transform(table).to_pydict()
    {'group': [1, 2], 'mean(p)': [0.5, 3.0]}
    >>> EnsembleByKey(keys=["group"], cols=["p"], strategy="vote").transform(table).to_pydict()
    {'group': [1, 2], 'vote(p)': [0.0, 3.0]}
    """

    traits = Traits(
        split_invariant=False,
        tolerance=1e-9,
        why="a mean over rows: it needs all of them at once, and Spark sums them in any order",
    )

    keys: ParamField[list[str]] = param("columns that make a group", names, default=UNSET)
    cols: ParamField[list[str]] = param("columns to combine", names, default=UNSET)
    strategy: ParamField[str] = param(
        "'mean', 'max' or 'vote'", one_of(*STRATEGIES), default="mean"
    )
    colNames: ParamField[list[str] | None] = param(
        "names of the results; None: <strategy>(<col>)", optional(names), default=None
    )
    collapseGroup: ParamField[bool] = param("one row a group, or every row", flag, default=True)
    eventTimeCol: ParamField[str | None] = param(
        "timestamp column, for streams", optional(text), default=None
    )
    watermark: ParamField[str | None] = param(
        "event time after which a stream closes a group, such as '10 minutes'",
        optional(interval),
        default=None,
    )

    gap: ParamField[str | None] = param(
        "event time without a row that ends a group in a stream; None: the watermark",
        optional(interval),
        default=None,
    )
    startCol: ParamField[str | None] = param(
        "column of each group's earliest event time; None: not returned",
        optional(text),
        default=None,
    )

    def input_columns(self) -> list[str]:
        """Keys and combined columns, and the time where it is asked for."""
        time = [self._time()] if self.value("startCol") else []
        return list(dict.fromkeys([*self.value("keys"), *self.value("cols"), *time]))

    def needed_columns(self) -> list[str] | None:
        """All it reads if groups collapse; None if the other columns pass through."""
        if not self.value("collapseGroup"):
            return None
        time = self.value("eventTimeCol")
        return list(dict.fromkeys([*self.input_columns(), *([time] if time else [])]))

    def output_schema(self, schema: pa.Schema) -> pa.Schema:
        """Schema of the result.

        Raises
        ------
        SchemaError
            If a column is missing or can't be combined.
        """
        keys, cols, strategy = self.value("keys"), self.value("cols"), self.value("strategy")
        for name in keys:
            type_ = field_of(schema, name, reader="EnsembleByKey").type
            if pa.types.is_map(type_):
                raise SchemaError(f"{name}: {type_}", expected="a key that can be compared")
        for name in cols:
            type_ = field_of(schema, name, reader="EnsembleByKey").type
            if not can_combine(type_, strategy):
                wanted = "a number, a vector or a list" + (
                    ", a string or a boolean" if strategy == "vote" else ""
                )
                raise SchemaError(f"{name}: {type_}", expected=f"{wanted} for a {strategy}")
        made, whole = ensemble_fields(schema, cols, self._names(), strategy), schema
        if self.value("collapseGroup"):
            schema = pa.schema([schema.field(k) for k in keys])
        if start := self.value("startCol"):
            made.append(pa.field(start, self._time_type(whole)))
        for field in made:
            schema = put_field(schema, field)
        return schema

    def aggregate_table(self, table: pa.Table) -> pa.Table:
        """Combine the groups of a table."""
        self.output_schema(table.schema)
        keys, cols, made = self.value("keys"), self.value("cols"), self._names()
        groups, member = group_table(table, keys, cols, made, self.value("strategy"))
        if start := self.value("startCol"):
            made = [*made, start]
            groups = groups.append_column(start, earliest(table, self._time(), member))
        if self.value("collapseGroup"):
            return groups
        spread = groups.select(made).take(member)
        for field in spread.schema:
            at = table.schema.get_field_index(field.name)
            column = spread.column(field.name)
            table = (
                table.append_column(field, column)
                if at < 0
                else table.set_column(at, field, column)
            )
        return table

    def aggregate_spark(self, frame: DataFrame) -> DataFrame:
        """Combine the groups of a Spark DataFrame, streaming or not."""
        schema = arrow_schema(frame.schema)
        self.output_schema(schema)
        strategy, collapse = self.value("strategy"), self.value("collapseGroup")
        keys = [F.col(quoted(k)) for k in self.value("keys")]
        made = {
            name: Aggregate(c, schema.field(c).type, strategy)
            for c, name in zip(self.value("cols"), self._names(), strict=True)
        }
        # Names that no column has, and the same at every start: a stream remembers them.
        mark = "irbis"
        while any(name.startswith(mark) for name in frame.columns):
            mark += "_"
        held = {f"{mark}{i}": found for i, found in enumerate(made.values())}
        results = [a.made(h).alias(n) for n, (h, a) in zip(made, held.items(), strict=True)]
        start, first = self.value("startCol"), None
        if start:
            first = F.min(F.col(quoted(self._time()))).alias(f"{mark}_start")
            results.append(F.col(f"{mark}_start").alias(start))
        if frame.isStreaming:
            time, watermark = self.value("eventTimeCol"), self.value("watermark")
            check_stream(schema, time, watermark, collapse=collapse)
            frame, window = session(frame, time, watermark, self.value("gap"))
            grouped = frame.groupBy(window.alias(mark), *keys)
        elif collapse:
            grouped = frame.groupBy(*keys)
        else:
            over = Window.partitionBy(*keys)
            spread = {h: a.gathered().over(over) for h, a in held.items()}
            if start:
                spread[f"{mark}_start"] = F.min(F.col(quoted(self._time()))).over(over)
            added = dict(zip([*made, *([start] if start else [])], results, strict=True))
            return frame.withColumns(spread).withColumns(added).drop(*spread)
        parts = [a.gathered().alias(h) for h, a in held.items()]
        gathered = grouped.agg(*parts, *([] if first is None else [first]))
        return gathered.select(*keys, *results)

    def _time(self) -> str:
        time: str | None = self.value("eventTimeCol")
        if time is None:
            raise ParamError("startCol without eventTimeCol", expected="the column of times")
        return time

    def _time_type(self, schema: pa.Schema) -> pa.DataType:
        found = field_of(schema, self._time(), reader="EnsembleByKey").type
        if not pa.types.is_timestamp(found):
            raise SchemaError(f"{self._time()}: {found}", expected="a timestamp")
        return found

    def _names(self) -> list[str]:
        cols, stated = self.value("cols"), self.value("colNames")
        strategy = self.value("strategy")
        if stated is not None and len(stated) != len(cols):
            raise ParamError(
                f"{len(stated)} colNames", expected=f"{len(cols)}, one for each of cols"
            )
        made: list[str] = stated or [f"{strategy}({c})" for c in cols]
        start = self.value("startCol")
        if start in made or start in self.value("keys"):
            raise ParamError(f"startCol={start!r}", expected="a name of its own")
        if clash := set(made) & set(self.value("keys")):
            raise ParamError(f"colNames {sorted(clash)}", expected="names other than the keys")
        return made
