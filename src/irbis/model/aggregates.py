"""Mean, maximum and vote of groups in Spark: expressions that classic Spark and Connect both have.

An aggregate is made in two strides: what Spark gathers of a group, then what is made of that. In
one, Spark would gather a group's vectors once for every mention of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.sql import Column
from pyspark.sql import functions as F

from irbis.schema import is_vector
from irbis.spark_schema import quoted, spark_schema
from irbis.vectors import is_vector_like

__all__ = ["Aggregate"]


@dataclass(frozen=True)
class Aggregate:
    """One column's aggregate.

    Parameters
    ----------
    source : str
        Column.
    type_ : pa.DataType
        Its type.
    strategy : {"mean", "max", "vote"}
    """

    source: str
    type_: pa.DataType
    strategy: str

    @property
    def _listed(self) -> bool:
        return is_vector_like(self.type_) and self.strategy != "vote"

    def gathered(self) -> Column:
        """What is gathered of a group: an aggregate function."""
        column = F.col(quoted(self.source))
        if is_vector_like(self.type_):
            arrays = _arrays(column, self.type_)
            return F.collect_list(arrays) if self._listed else F.mode(_argmax(arrays), True)
        if self.strategy == "mean":
            return F.avg(column.cast("double"))
        if self.strategy == "max":
            return F.max(column)
        if pa.types.is_floating(self.type_):
            # Spark's mode tells -0.0 from 0.0.
            field = spark_schema(pa.schema([pa.field("x", self.type_)])).fields[0]
            column = (column + F.lit(0.0)).cast(field.dataType)
        return F.mode(column, True)

    def made(self, gathered: str) -> Column:
        """What is made of the column that holds what was gathered."""
        lists = F.col(gathered)
        if not self._listed:
            return lists
        # Not Summarizer.mean: it fails the job where a group holds nothing but nulls.
        total = F.aggregate(
            F.slice(lists, F.lit(2), F.greatest(F.size(lists) - 1, F.lit(0))),
            F.element_at(lists, 1),
            lambda a, b: F.zip_with(
                a, b, lambda x, y: F.greatest(x, y) if self.strategy == "max" else x + y
            ),
        )
        if self.strategy == "mean":
            total = F.transform(total, lambda x: x / F.size(lists))
        sizes = F.transform(lists, F.size)
        same = (F.size(lists) > 0) & (F.array_min(sizes) == F.array_max(sizes))
        return F.when(same, array_to_vector(total) if is_vector(self.type_) else total)


def _arrays(column: Column, type_: pa.DataType) -> Column:
    if is_vector(type_):
        # Spark's vector functions fail on null.
        return F.when(column.isNotNull(), vector_to_array(column))
    arrays = column.cast("array<double>")
    return F.when(~F.exists(arrays, lambda x: x.isNull()), arrays)


def _argmax(arrays: Column) -> Column:
    return (F.array_position(arrays, F.array_max(arrays)) - 1).cast("double")
