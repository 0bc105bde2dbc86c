"""What the stages for tables share: their columns, the check of them, fitting on a background."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from pyspark.ml import Estimator
from pyspark.ml.util import MLReadable, MLWritable
from pyspark.sql import DataFrame

from irbis.converters import names
from irbis.errors import ParamError, SchemaError
from irbis.explain.asking import AsksModel, AsksParams
from irbis.explain.background import is_category
from irbis.explain.table_explanation import TABLE_EXPLANATION
from irbis.params import UNSET, ParamField, param
from irbis.persistence import StageReader, StageWriter
from irbis.schema import field_of

__all__ = ["ExplainsRows", "FitsBackground", "table_of"]


class ExplainsRows(AsksModel):
    """Columns of a table, explained row by row."""

    inputCols: ParamField[list[str]] = param("columns to explain", names, default=UNSET)

    def explained_columns(self) -> list[str]:
        """The columns."""
        return list(self.value("inputCols"))

    def usual(self, name: str) -> list[Any]:
        """Values of the background that a row may be given; all are of one type."""
        raise NotImplementedError

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A struct, and errors."""
        for name in self.explained_columns():
            is_category(schema, name, (), reader=type(self).__name__)
            type_ = field_of(schema, name, reader=type(self).__name__).type
            type_ = type_.value_type if pa.types.is_dictionary(type_) else type_
            usual = self.usual(name)
            try:
                pa.array(usual, type=type_)
            except (pa.ArrowException, ValueError, OverflowError, TypeError):
                raise SchemaError(
                    f"{name}: {type_}", expected="the type it had in the background"
                ) from None
        if self.value("outputCol") in self.explained_columns():
            raise ParamError(
                f"outputCol={self.value('outputCol')!r}", expected="a name not in inputCols"
            )
        self.check_model(schema)
        return [pa.field(self.value("outputCol"), TABLE_EXPLANATION), *self.error_fields()]


class FitsBackground(AsksParams, Estimator, MLReadable[Any], MLWritable):
    """An estimator that learns what is usual in a table; the model it explains stays as it is."""

    inputCols: ParamField[list[str]] = param("columns to explain", names, default=UNSET)

    def fit(self, dataset: Any, params: Any = None) -> Any:
        """Learn the background.

        Parameters
        ----------
        dataset : DataFrame of Spark, pa.Table or pandas.DataFrame
        params : dict, optional
            Params for this call only.
        """
        if isinstance(dataset, DataFrame):
            return super().fit(dataset, params)
        stage = self.copy(params) if params else self
        return stage.fit_table(table_of(dataset))

    def fit_table(self, table: pa.Table) -> Any:
        """Learn from a table in memory."""
        raise NotImplementedError

    def told(self) -> dict[str, Any]:
        """Params that were set, for the model."""
        return {p.name: v for p, v in self._paramMap.items()}

    def write(self) -> StageWriter:
        """Writer; see :class:`irbis.persistence.StageWriter`."""
        return StageWriter(self)

    @classmethod
    def read(cls) -> StageReader:
        """Reader; see :class:`irbis.persistence.StageReader`."""
        return StageReader(cls)


def table_of(dataset: Any) -> pa.Table:
    """Arrow table of an Arrow or pandas one.

    Raises
    ------
    ParamError
        For anything else.
    """
    if isinstance(dataset, pa.Table):
        return dataset
    if type(dataset).__module__.split(".")[0] == "pandas" and hasattr(dataset, "to_records"):
        return pa.Table.from_pandas(dataset, preserve_index=False)
    raise ParamError(
        f"a {type(dataset).__module__}.{type(dataset).__name__}",
        expected="a Spark DataFrame, a pyarrow Table or a pandas DataFrame",
    )
