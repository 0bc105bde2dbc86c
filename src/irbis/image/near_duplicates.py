"""DropNearDuplicates: one row of each picture, whatever its sizes and compressions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from irbis.converters import names, text, whole
from irbis.errors import ParamError, SchemaError
from irbis.image.duplicates import groups_of
from irbis.params import UNSET, ParamField, param
from irbis.schema import field_of
from irbis.spark_schema import quoted
from irbis.stage import RelationalStage, Traits

__all__ = ["DropNearDuplicates"]

_GROUP, _FIRST = "irbis near duplicates", "irbis first of group"


class DropNearDuplicates(RelationalStage):
    """Keep one row of each group of near-duplicates.

    A relational stage. On a Spark DataFrame it runs a job when it is called: the distinct hashes
    come to the driver (16 bytes each), are compared there, and go back as a broadcast join. Rows
    without a hash are kept: of what could not be read nothing is known.

    Parameters
    ----------
    hashCol : str, default "hash"
        Column of :class:`PerceptualHash`.
    distance : int, bits of 64, default 3, range 0 to 7
        Hashes this close are of one group, and so is what they connect. 0: equal hashes only.
    orderCols : list of str
        Columns by which the row that is kept is the first; nulls come last. Name what tells rows
        apart, such as the address: of rows that are equal in all of them Spark keeps any.

    Raises
    ------
    SchemaError
        On the driver, for a column that is missing or holds no hashes.
    ParamError
        For a stream, in which a picture's copy may still come.

    Examples
    --------
    >>> table = pa.table({"hash": ["00ff" * 4, "00fe" * 4, "0" * 16], "url": ["b", "a", "c"]})
    >>> DropNearDuplicates(orderCols=["url"], distance=4).transform(table)["url"].to_pylist()
    ['a', 'c']
    """

    traits = Traits(
        split_invariant=False, why="whether a row is a duplicate depends on all the others"
    )

    hashCol: ParamField[str] = param("column of hashes", text, default="hash")
    distance: ParamField[int] = param("bits apart at most", whole(0, 7), default=3)
    orderCols: ParamField[list[str]] = param("the first by these is kept", names, default=UNSET)

    def input_columns(self) -> list[str]:
        """Hashes, and what orders."""
        return [self.value("hashCol"), *self.value("orderCols")]

    def needed_columns(self) -> list[str] | None:
        """None: the columns pass through."""
        return None

    def output_schema(self, schema: pa.Schema) -> pa.Schema:
        """Schema of the result: the same."""
        for name in self.input_columns():
            found = field_of(schema, name, reader="DropNearDuplicates")
            if name == self.value("hashCol"):
                type_ = found.type
                type_ = type_.value_type if pa.types.is_dictionary(type_) else type_
                if not (pa.types.is_string(type_) or pa.types.is_large_string(type_)):
                    raise SchemaError(f"{name}: {found.type}", expected="hashes, as strings")
        return schema

    def aggregate_table(self, table: pa.Table) -> pa.Table:
        """Filter a table; its rows keep their order."""
        self.output_schema(table.schema)
        hashes = table[self.value("hashCol")].to_pylist()
        groups = self._groups([h for h in hashes if h is not None])
        order = pc.sort_indices(
            _plain(table.select(self.value("orderCols"))),
            sort_keys=[(name, "ascending") for name in self.value("orderCols")],
        ).to_pylist()
        seen: set[str] = set()
        keep = np.zeros(table.num_rows, dtype=bool)
        for row in order:
            group = None if hashes[row] is None else groups[hashes[row]]
            keep[row] = group is None or group not in seen
            if group is not None:
                seen.add(group)
        return table.filter(pa.array(keep))

    def aggregate_spark(self, frame: DataFrame) -> DataFrame:
        """Filter a Spark DataFrame."""
        if frame.isStreaming:
            raise ParamError(
                "DropNearDuplicates on a stream",
                expected="a frame with an end",
                do="use foreachBatch, or dropDuplicatesWithinWatermark on the hash",
            )
        hash_ = F.col(quoted(self.value("hashCol")))
        found = frame.where(hash_.isNotNull()).select(hash_.alias("h")).distinct().toArrow()
        groups = self._groups(found["h"].to_pylist())
        rows = pd.DataFrame(list(groups.items()), columns=["irbis hash", _GROUP])
        known = frame.sparkSession.createDataFrame(rows, f"`irbis hash` string, `{_GROUP}` string")
        joined = frame.join(known.hint("broadcast"), hash_ == F.col("`irbis hash`"), "left")
        order = [F.col(quoted(name)).asc_nulls_last() for name in self.value("orderCols")]
        window = Window.partitionBy(F.col(f"`{_GROUP}`")).orderBy(*order)
        first = F.when(hash_.isNull(), 1).otherwise(F.row_number().over(window))
        kept = joined.withColumn(_FIRST, first).where(F.col(f"`{_FIRST}`") == 1)
        return kept.select(*(F.col(quoted(name)) for name in frame.columns))

    def _groups(self, hashes: list[str]) -> dict[str, str]:
        try:
            return dict(zip(hashes, groups_of(hashes, self.value("distance")), strict=True))
        except ValueError:
            raise ParamError(
                f"hashCol={self.value('hashCol')!r}",
                expected="hashes of PerceptualHash: 16 hex digits",
            ) from None


def _plain(table: pa.Table) -> pa.Table:
    """The same without dictionaries, which Arrow does not sort by."""
    for at, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(at, field.name, table.column(at).cast(field.type.value_type))
    return table
