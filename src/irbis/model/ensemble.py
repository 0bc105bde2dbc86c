"""EnsembleByKey: one answer from several looks at the same thing (mirror images, a burst)."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from pyspark.ml import Transformer
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.ml.util import MLReadable, MLWritable
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from irbis import execution
from irbis.converters import flag, names, optional
from irbis.errors import ParamError, SchemaError
from irbis.model.grouping import ensemble_fields, group_means
from irbis.params import UNSET, HasParams, ParamField, param
from irbis.persistence import StageReader, StageWriter
from irbis.schema import field_of, is_vector, put_field
from irbis.spark_schema import arrow_schema, quoted
from irbis.stage import Traits
from irbis.vectors import is_vector_like

__all__ = ["EnsembleByKey"]


class EnsembleByKey(HasParams, Transformer, MLReadable[Any], MLWritable):
    """Average columns over the rows that share a key.

    The one relational stage: a groupBy in Spark, the same on an Arrow table in a local or served
    call. Nulls (pictures that failed) are left out of the mean; a group of nulls has a null mean.
    In Spark the vectors of one group meet in one task's memory.

    Parameters
    ----------
    keys : list of str
        Columns whose equal values make a group; null equals null.
    cols : list of str
        Columns to average: vectors (one length), lists of numbers or numbers.
    colNames : list of str, default ``mean(<col>)`` for each of `cols`
        Names of the results.
    collapseGroup : bool, default True
        True: one row a group with the keys and the means. False: every row, with the means added.

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = pa.table({"group": [1, 1, 2], "p": [0.0, 1.0, 3.0]})
    >>> EnsembleByKey(keys=["group"], cols=["p"]).transform(table).to_pydict()
    {'group': [1, 2], 'mean(p)': [0.5, 3.0]}
    """

    traits = Traits(
        split_invariant=False,
        tolerance=1e-9,
        why="a mean over rows: it needs all of them at once, and Spark sums them in any order",
    )

    keys: ParamField[list[str]] = param("columns that make a group", names, default=UNSET)
    cols: ParamField[list[str]] = param("columns to average", names, default=UNSET)
    colNames: ParamField[list[str] | None] = param(
        "names of the means; None: mean(<col>)", optional(names), default=None
    )
    collapseGroup: ParamField[bool] = param("one row a group, or every row", flag, default=True)

    def input_columns(self) -> list[str]:
        """Keys and averaged columns."""
        return [*self.value("keys"), *self.value("cols")]

    def needed_columns(self) -> list[str] | None:
        """All it reads if groups collapse; None if the other columns pass through."""
        return self.input_columns() if self.value("collapseGroup") else None

    def output_schema(self, schema: pa.Schema) -> pa.Schema:
        """Schema of the result.

        Raises
        ------
        SchemaError
            If a column is missing or can't be averaged.
        """
        keys, cols = self.value("keys"), self.value("cols")
        for name in keys:
            field_of(schema, name, reader="EnsembleByKey")
        for name in cols:
            type_ = field_of(schema, name, reader="EnsembleByKey").type
            numeric = pa.types.is_integer(type_) or pa.types.is_floating(type_)
            if not (numeric or is_vector_like(type_)):
                raise SchemaError(f"{name}: {type_}", expected="a number, a vector or a list")
        made = ensemble_fields(schema, cols, self._names())
        if self.value("collapseGroup"):
            schema = pa.schema([schema.field(k) for k in keys])
        for field in made:
            schema = put_field(schema, field)
        return schema

    def aggregate_table(self, table: pa.Table) -> pa.Table:
        """Average a table."""
        self.output_schema(table.schema)
        keys, cols, made = self.value("keys"), self.value("cols"), self._names()
        groups, member = group_means(table, keys, cols, made)
        if self.value("collapseGroup"):
            return groups
        spread = groups.select(made).take(member)
        for name in made:
            at = table.schema.get_field_index(name)
            column = spread.column(name)
            table = (
                table.append_column(spread.schema.field(name), column)
                if at < 0
                else table.set_column(at, spread.schema.field(name), column)
            )
        return table

    def aggregate_spark(self, frame: DataFrame) -> DataFrame:
        """Average a Spark DataFrame."""
        schema = arrow_schema(frame.schema)
        self.output_schema(schema)
        keys = [F.col(quoted(k)) for k in self.value("keys")]
        collapse = self.value("collapseGroup")
        window = None if collapse else Window.partitionBy(*keys)
        means = {
            name: _mean(quoted(c), schema.field(c).type, window)
            for c, name in zip(self.value("cols"), self._names(), strict=True)
        }
        if not collapse:
            return frame.withColumns(means)
        return frame.groupBy(*keys).agg(*[mean.alias(n) for n, mean in means.items()])

    def transform(self, dataset: Any, params: Any = None) -> Any:
        """Average; see :meth:`irbis.Stage.transform` for what a dataset can be."""
        stage = self.copy(params) if params else self
        return execution.run([stage], dataset)

    __call__ = transform

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return self.aggregate_spark(dataset)

    def write(self) -> StageWriter:
        """Writer; see :class:`irbis.persistence.StageWriter`."""
        return StageWriter(self)

    @classmethod
    def read(cls) -> StageReader:
        """Reader; see :class:`irbis.persistence.StageReader`."""
        return StageReader(cls)

    def _names(self) -> list[str]:
        cols, stated = self.value("cols"), self.value("colNames")
        if stated is not None and len(stated) != len(cols):
            raise ParamError(
                f"{len(stated)} colNames", expected=f"{len(cols)}, one for each of cols"
            )
        made: list[str] = stated or [f"mean({c})" for c in cols]
        if clash := set(made) & set(self.value("keys")):
            raise ParamError(f"colNames {sorted(clash)}", expected="names other than the keys")
        return made


def _mean(name: str, type_: pa.DataType, window: Any) -> Column:
    column = F.col(name)

    def over(aggregate: Column) -> Column:
        return aggregate if window is None else aggregate.over(window)

    if not is_vector_like(type_):
        return over(F.avg(column.cast("double")))
    vector = is_vector(type_)
    # Not Summarizer.mean: it fails the job where a group holds nothing but nulls.
    # Spark's vector functions fail on null.
    arrays = F.when(column.isNotNull(), vector_to_array(column)) if vector else column
    lists = over(F.collect_list(arrays.cast("array<double>")))
    total = F.aggregate(
        F.slice(lists, F.lit(2), F.greatest(F.size(lists) - 1, F.lit(0))),
        F.element_at(lists, 1),
        lambda a, b: F.zip_with(a, b, lambda x, y: x + y),
    )
    mean = F.transform(total, lambda x: x / F.size(lists))
    return F.when(F.size(lists) > 0, array_to_vector(mean) if vector else mean)
