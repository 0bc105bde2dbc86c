"""Params of the stages that explain a model of rows, and the model as one function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from irbis.adapters import written_columns
from irbis.converters import one_of, text, whole
from irbis.errors import ParamError, SchemaError
from irbis.explain.answers import Answers, ChainModel, PythonModel, RowModel
from irbis.files import FileRef
from irbis.params import UNSET, ParamField, param
from irbis.planning import Run, flatten, plan
from irbis.schema import field_of
from irbis.stage import HasErrors, Stage
from irbis.vectors import is_vector_like

__all__ = ["AsksModel", "AsksParams", "classes", "model"]


def model(value: Any) -> Any:
    """Accept what can be asked."""
    if not (hasattr(value, "transform") or callable(value)):
        raise ValueError("a PipelineModel, a stage or a function")
    return value


def classes(value: Any) -> list[int]:
    """Accept a list of class numbers."""
    if isinstance(value, (str, int)) or not value:
        raise ValueError("a list of class numbers, at least one")
    return [whole(0)(v) for v in value]


class AsksParams(HasErrors):
    """Params that TextLIME, TextSHAP and their like for tables share."""

    model: ParamField[Any] = param("model to explain", model, default=UNSET)
    outputCol: ParamField[str] = param("column of explanations", text, default="explanation")
    targetCol: ParamField[str] = param("the model's column to explain", text, default="probability")
    targetClasses: ParamField[list[int]] = param("classes to explain", classes, default=[1])
    metric: ParamField[str] = param(
        "'logit' or 'probability'", one_of("logit", "probability"), default="logit"
    )
    seed: ParamField[int] = param("seed of the samples", whole(0, 2**63 - 1), default=0)

    def saved_params(self) -> dict[str, Any]:
        """See :meth:`irbis.params.HasParams.saved_params`; a function can't be among them."""
        found = super().saved_params()
        if "model" in found and not hasattr(found["model"], "transform"):
            raise ParamError(
                f"{type(self).__name__} with a function as its model",
                expected="a model that can be saved",
                do="save it with a stage or a PipelineModel, or set the function after loading",
            )
        return found


class AsksModel(AsksParams, Stage):
    """A stage that asks a model about rows."""

    def files(self) -> list[FileRef]:
        """Files of the model's stages; it saves them itself."""
        return []

    def explained_columns(self) -> list[str]:
        """Columns of the row that are explained."""
        raise NotImplementedError

    def input_columns(self) -> list[str]:
        """What is explained, and what else the model reads."""
        return list(dict.fromkeys([*self.explained_columns(), *self.model_reads()]))

    def model_reads(self) -> list[str]:
        """Columns the model reads, known without a schema; some may be missing (a label)."""
        run = self._run()
        if run is None:
            return self.explained_columns()
        made: set[str] = set()
        outside: dict[str, None] = {}
        for stage in run.stages:
            outside.update((c, None) for c in stage.input_columns() if c not in made)
            made.update(written_columns(stage))
        return list(outside)

    def check_model(self, schema: pa.Schema) -> None:
        """Check on the driver that the model can be asked about rows of the schema.

        Raises
        ------
        ParamError, SchemaError
            If it can't, or does not read what is explained.
        """
        run = self._run()
        if run is None:
            return
        reads = self.model_reads()
        unread = [c for c in self.explained_columns() if c not in reads]
        if unread:
            raise ParamError(
                f"a model that does not read {', '.join(unread)}",
                expected=f"columns of the model: {', '.join(reads)}",
                do="set the input columns to the model's",
            )
        known = pa.schema([f for f in schema if f.name in reads])
        target = field_of(
            run.output_schema(known), self.value("targetCol"), reader=type(self).__name__
        ).type
        number = pa.types.is_floating(target) or pa.types.is_integer(target)
        if not (is_vector_like(target) or number):
            raise SchemaError(f"{self.value('targetCol')}: {target}", expected="vector or number")

    def make_answers(self, show: Callable[[pa.RecordBatch], Any]) -> Answers:
        """Make the function that asks; `show` is for a Python function."""
        run, target = self._run(), self.value("targetCol")
        asked: RowModel = (
            PythonModel(self.value("model"), show)
            if run is None
            else ChainModel(run.function(), target)
        )
        return Answers(asked, tuple(self.value("targetClasses")), self.value("metric"))

    def _run(self) -> Run | None:
        """The model's stages, or None for a Python function."""
        given = self.value("model")
        if not hasattr(given, "transform"):
            return None
        stages = flatten([given])
        steps = plan(stages, jvm=False)
        if len(steps) != 1 or not isinstance(steps[0], Run) or not steps[0].keeps_rows:
            raise ParamError(
                f"a model of {', '.join(type(s).__name__ for s in stages)}",
                expected="stages that keep their rows, and Spark ML models with an adapter",
                do="leave out what drops or combines rows, or register an adapter",
            )
        return steps[0]
