"""TabularSHAP: Shapley values of the columns of a row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from irbis.converters import whole
from irbis.errors import DataError, ParamError
from irbis.explain.background import is_category
from irbis.explain.engine import ShapEngine
from irbis.explain.frame_background import frame_rows
from irbis.explain.table_function import Frame, TableShapFunction
from irbis.explain.table_stage import ExplainsRows, FitsBackground
from irbis.params import UNSET, HasParams, ParamField, param
from irbis.spark_schema import arrow_schema

__all__ = ["TabularSHAP", "TabularSHAPModel"]


def _rows(value: Any) -> dict[str, list[Any]]:
    if not isinstance(value, dict) or not all(isinstance(v, list) for v in value.values()):
        raise ValueError("what fit has learned")
    return value


class _ShapParams(HasParams):
    numSamples: ParamField[int] = param("coalitions", whole(2, 65536), default=256)


class TabularSHAPModel(_ShapParams, ExplainsRows):
    """A fitted :class:`TabularSHAP`: the stage that explains.

    Parameters
    ----------
    model, inputCols, outputCol, targetCol, targetClasses, metric, numSamples, seed
        As of :class:`TabularSHAP`.
    background : dict of list
        Rows that ``fit`` has drawn, column by column.
    errors, errorCol
        As of :class:`TabularSHAP`.
    """

    background: ParamField[dict[str, list[Any]]] = param(
        "rows that fit has drawn", _rows, default=UNSET
    )

    def usual(self, name: str) -> list[Any]:
        """Values of the background."""
        held = self.value("background")
        if name not in held:
            raise ParamError(
                f"no background of {name}",
                expected="the inputCols that were fitted",
                do="fit again",
            )
        return list(held[name])

    def make_function(self) -> TableShapFunction:
        """See :class:`irbis.explain.table_function.TableShapFunction`."""
        columns = tuple(self.value("inputCols"))
        return TableShapFunction(
            columns=columns,
            target=self.value("outputCol"),
            error=self.error_column(),
            reads=tuple(self.model_reads()),
            answers=self.make_answers(Frame(columns)),
            background={name: tuple(self.usual(name)) for name in columns},
            engine=ShapEngine(self.value("numSamples"), self.value("seed")),
        )


class TabularSHAP(_ShapParams, FitsBackground):
    """Explain a model of tables by Shapley values (Kernel SHAP; Lundberg & Lee, NeurIPS 2017).

    An estimator: ``fit`` draws rows from a table and returns the stage, which keeps them. The model
    to explain is not fitted. A coalition has the row's values in some columns; the others come from
    each background row in turn, and the mean of the answers counts. The weights and the intercept,
    which is the mean answer to the background, sum to the model's answer, on the scale of the
    metric. If all coalitions fit into `numSamples`, the values are exact.

    Parameters
    ----------
    model : PipelineModel, stage or function
        As of :class:`irbis.TabularLIME`.
    inputCols : list of str
        Columns to explain: numbers, strings, booleans.
    outputCol, targetCol, targetClasses
        As of :class:`irbis.TabularLIME`.
    metric : {"logit", "probability"}, default "logit"
        "logit" explains log(p / (1 - p)) of the mean answer p.
    numSamples : int, default 256, range 2 to 65536
        Coalitions: at least 2 * columns + 2 are used
        (:func:`irbis.explain.coalitions.coalitions`). 256 is exact up to 8 columns. The model is
        asked about so many times the rows of the background.
    numBackground : int, default 50, range 1 to 10000
        Rows drawn from the table; all of them if there are fewer.
    seed : int, default 0, from 0
        Of the rows drawn and of the coalitions.
    errors, errorCol
        As of :class:`irbis.TabularLIME`.

    Notes
    -----
    A missing value is a value: it is handed to the model as it is.

    Raises
    ------
    ParamError, SchemaError
        If the model can't be run inside the function or does not read the columns.
    DataError
        If the table has no row.

    Examples
    --------
    >>> import pyarrow as pa
    >>> def price(frame):
    ...     return 3.0 * frame["rooms"] + (frame["town"] == "Oslo")
    >>> table = pa.table({"rooms": [1.0, 3.0, 1.0, 3.0], "town": ["Oslo", "Bergen"] * 2})
    >>> shap = TabularSHAP(
    ...     model=price, inputCols=["rooms", "town"], targetClasses=[0], metric="probability"
    ... )
    >>> found = shap.fit(table).transform(table)["explanation"][0].as_py()
    >>> [round(w, 6) for w in found["weights"][0]], found["intercept"], found["scores"]
    ([-3.0, 0.5], [6.5], [4.0])
    """

    numBackground: ParamField[int] = param("rows drawn from the table", whole(1, 10000), default=50)

    def _model(self, schema: pa.Schema, drawn: pa.Table) -> TabularSHAPModel:
        for name in self.value("inputCols"):
            is_category(schema, name, (), reader="TabularSHAP")
        if not drawn.num_rows:
            raise DataError("a table without rows", expected="rows to compare with")
        told = {n: v for n, v in self.told().items() if n != "numBackground"}
        return TabularSHAPModel(**told, background=drawn.to_pydict())

    def fit_table(self, table: pa.Table) -> TabularSHAPModel:
        """Learn from a table in memory."""
        known = table.schema.names
        chosen = table.select([c for c in self.value("inputCols") if c in known])
        order = np.random.default_rng(self.value("seed")).permutation(table.num_rows)
        at = np.sort(order[: self.value("numBackground")])
        return self._model(table.schema, chosen.take(pa.array(at)))

    def _fit(self, dataset: DataFrame) -> TabularSHAPModel:
        schema = arrow_schema(dataset.schema)
        columns = self.value("inputCols")
        for name in columns:
            is_category(schema, name, (), reader="TabularSHAP")
        count, seed = self.value("numBackground"), self.value("seed")
        return self._model(schema, frame_rows(dataset, columns, count, seed))
