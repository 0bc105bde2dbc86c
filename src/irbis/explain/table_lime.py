"""TabularLIME: which columns of a row made the model say what it said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame

from irbis.converters import names, number, one_of, whole
from irbis.errors import ParamError
from irbis.explain.background import Background, summary
from irbis.explain.frame_background import frame_summary
from irbis.explain.surrogate import SURROGATES
from irbis.explain.table_draws import TABLE_SAMPLERS
from irbis.explain.table_function import Frame, TableLimeFunction
from irbis.explain.table_stage import ExplainsRows, FitsBackground
from irbis.params import UNSET, HasParams, ParamField, param

__all__ = ["TabularLIME", "TabularLIMEModel"]


def _some_names(value: Any) -> list[str]:
    return [] if isinstance(value, Sequence) and not value else names(value)


def _summary(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(v, dict) and "name" in v for v in value):
        raise ValueError("what fit has learned")
    return value


class _LimeParams(HasParams):
    numSamples: ParamField[int] = param("rows around a row", whole(3, 65536), default=1024)
    sampler: ParamField[str] = param(
        "how they are drawn", one_of(*TABLE_SAMPLERS), default="antithetic"
    )
    around: ParamField[str] = param(
        "numbers are drawn around the 'mean' or the 'row'", one_of("mean", "row"), default="mean"
    )
    kernelWidth: ParamField[float] = param("kernel width", number(0, above=True), default=0.75)
    regularization: ParamField[float] = param("penalty", number(0), default=1.0)
    surrogate: ParamField[str] = param("'ridge' or 'lasso'", one_of(*SURROGATES), default="ridge")


class TabularLIMEModel(_LimeParams, ExplainsRows):
    """A fitted :class:`TabularLIME`: the stage that explains.

    Parameters
    ----------
    model, inputCols, outputCol, targetCol, targetClasses, metric, numSamples, sampler, around
        As of :class:`TabularLIME`.
    kernelWidth, regularization, surrogate, seed
        As of :class:`TabularLIME`.
    background : list of dict
        What ``fit`` has learned: mean and deviation, or categories with their counts.
    errors, errorCol
        As of :class:`TabularLIME`.
    """

    background: ParamField[list[dict[str, Any]]] = param(
        "what fit has learned", _summary, default=UNSET
    )

    def _known(self) -> dict[str, Background]:
        found = [Background.of(held) for held in self.value("background")]
        missing = set(self.value("inputCols")) - {known.name for known in found}
        if missing:
            raise ParamError(
                f"no background of {', '.join(sorted(missing))}",
                expected="the inputCols that were fitted",
                do="fit again",
            )
        return {known.name: known for known in found}

    def usual(self, name: str) -> list[Any]:
        """Categories of the background."""
        return list(self._known()[name].values or ())

    def make_function(self) -> TableLimeFunction:
        """See :class:`irbis.explain.table_function.TableLimeFunction`."""
        columns, known = tuple(self.value("inputCols")), self._known()
        return TableLimeFunction(
            columns=columns,
            target=self.value("outputCol"),
            error=self.error_column(),
            reads=tuple(self.model_reads()),
            answers=self.make_answers(Frame(columns)),
            background=tuple(known[name] for name in columns),
            samples=self.value("numSamples"),
            sampler=self.value("sampler"),
            around_row=self.value("around") == "row",
            kernel_width=self.value("kernelWidth"),
            surrogate=self.value("surrogate"),
            regularization=self.value("regularization"),
            seed=self.value("seed"),
        )


class TabularLIME(_LimeParams, FitsBackground):
    """Explain a model of tables column by column (Ribeiro, Singh, Guestrin, KDD 2016).

    An estimator: ``fit`` learns what is usual from a table (mean and deviation of numbers,
    categories and how often they come) and returns the stage, which needs the table no more. The
    model to explain is not fitted. Rows around a row are drawn: numbers from a normal distribution,
    categories by how often they come. The model is asked about all of them, 4096 at a time, and a
    weighted ridge in closed form gives each column a weight: of a number what one standard
    deviation more adds, of a category what it adds in place of the others.

    Parameters
    ----------
    model : PipelineModel, stage or function
        irbis stages and Spark ML models that have an adapter, from `inputCols` to `targetCol`. Or a
        function: a pandas.DataFrame of `inputCols`, at most 4096 rows, to answers, shape (n,
        classes) or (n,), such as ``classifier.predict_proba`` of scikit-learn. It must be picklable
        for Spark, and is not saved.
    inputCols : list of str
        Columns to explain: numbers, strings, booleans. Strings and booleans are categories.
    categoricalCols : list of str, default []
        Those of `inputCols` that hold numbers which are categories.
    outputCol : str, default "explanation"
        Struct; read it with :meth:`irbis.explain.table_explanation.TableExplanation.from_row`.
    targetCol : str, default "probability"
        Column of the model to explain: a vector over classes, or a number.
    targetClasses : list of int, default [1]
        Classes to explain, all from the same rows; [0] where the model gives a number.
    metric : {"logit", "probability"}, default "logit"
        "logit" explains log(p / (1 - p)). "probability" takes the column as it is, also what is no
        probability, such as the prediction of a regression.
    numSamples : int, default 1024, range 3 to 65536
        Rows asked about, the row itself included; "antithetic" rounds up to an odd number.
    sampler : {"antithetic", "independent"}, default "antithetic"
        "antithetic" mirrors half of the draws; "independent" is the published form.
    around : {"mean", "row"}, default "mean"
        Where numbers are drawn: around the background's mean, as published, or the row's own.
    kernelWidth : float, default 0.75, above 0
        Times the root of the number of columns, in standard deviations.
    regularization : float, default 1.0, from 0
        Penalty of the surrogate.
    surrogate : {"ridge", "lasso"}, default "ridge"
        As of :class:`irbis.ImageLIME`: the lasso gives what hardly matters a weight of exactly 0.
    seed : int, default 0, from 0
    errors, errorCol
        See :class:`irbis.stage.HasErrors`. Kinds: "model", the function raised; "score", the
        answers do not do.

    Notes
    -----
    A constant column has weight 0. A value that the background would never give (an unseen
    category, a missing or infinite number, another number in a constant column) is kept in half of
    the rows and drawn in the others: its weight is what it adds in place of the usual. Null and NaN
    among categories are a category. The 1000 commonest categories count.

    Raises
    ------
    ParamError, SchemaError
        If the model can't be run inside the function or does not read the columns.
    DataError
        If a column of numbers has none in the background.

    Examples
    --------
    >>> import pyarrow as pa
    >>> def price(frame):
    ...     return 3.0 * frame["rooms"] + (frame["town"] == "Oslo")
    >>> table = pa.table({"rooms": [1.0, 3.0, 1.0, 3.0], "town": ["Oslo", "Bergen"] * 2})
    >>> lime = TabularLIME(
    ...     model=price, inputCols=["rooms", "town"], targetClasses=[0], metric="probability",
    ...     regularization=0.0,
    ... )
    >>> found = lime.fit(table).transform(table)["explanation"][0].as_py()
    >>> [round(w, 6) for w in found["weights"][0]]
    [3.0, 1.0]
    """

    categoricalCols: ParamField[list[str]] = param(
        "numbers that are categories", _some_names, default=[]
    )

    def _checked(self) -> tuple[list[str], list[str]]:
        columns, categorical = self.value("inputCols"), self.value("categoricalCols")
        unknown = [name for name in categorical if name not in columns]
        if unknown:
            raise ParamError(
                f"categoricalCols={categorical}", expected=f"some of inputCols={columns}"
            )
        return columns, categorical

    def _model(self, background: list[dict[str, Any]]) -> TabularLIMEModel:
        told = {n: v for n, v in self.told().items() if n != "categoricalCols"}
        return TabularLIMEModel(**told, background=background)

    def fit_table(self, table: pa.Table) -> TabularLIMEModel:
        """Learn from a table in memory."""
        return self._model(summary(table, *self._checked(), reader="TabularLIME"))

    def _fit(self, dataset: DataFrame) -> TabularLIMEModel:
        return self._model(frame_summary(dataset, *self._checked(), reader="TabularLIME"))
