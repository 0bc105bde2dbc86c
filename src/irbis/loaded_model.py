"""A model that runs without Spark: what :func:`irbis.load` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from irbis import adapters, execution
from irbis.errors import ParamError
from irbis.planning import Foreign, Run, flatten, plan

__all__ = ["LoadedModel"]


@dataclass(frozen=True)
class LoadedModel:
    """A saved model that runs without Spark; :func:`irbis.load` makes it.

    Parameters
    ----------
    uid : str
        Of the model that was saved.
    stages : tuple
        Stages of irbis, adapters of Spark's models, and LoadedModels for pipelines inside.
    """

    uid: str
    stages: tuple[Any, ...]

    def transform(self, dataset: Any) -> Any:
        """Run all stages.

        Parameters
        ----------
        dataset : pa.Table, pa.RecordBatch, pandas.DataFrame or DataFrame of Spark

        Returns
        -------
        The kind that was given.
        """
        return execution.run(self.stages, dataset)

    __call__ = transform

    def input_columns(self) -> list[str]:
        """Columns that must come from outside, in order of first use."""
        outside: dict[str, None] = {}
        made: set[str] = set()
        for stage in flatten(self.stages):
            outside.update((c, None) for c in stage.input_columns() if c not in made)
            made.update(adapters.written_columns(stage))
            if hasattr(stage, "needed_columns") and stage.needed_columns() is not None:
                break  # after it there is nothing left from outside
        return list(outside)

    def output_schema(self, schema: pa.Schema) -> pa.Schema:
        """Schema of the result for a table of `schema`.

        Raises
        ------
        SchemaError, ParamError
            If the model can't run on such a table.
        """
        for step in plan(self.stages, jvm=False):
            if not isinstance(step, Foreign):
                part: Any = step if isinstance(step, Run) else step.stage
                schema = part.output_schema(schema)
        return schema

    def write(self) -> Any:
        """Raise ParamError: what was loaded without Spark can't be saved by it."""
        raise ParamError(
            f"save of {self.uid}, which was loaded without Spark",
            expected="a model that Spark loaded",
            do="copy the saved folder, or load it with PipelineModel.load in Spark",
        )
