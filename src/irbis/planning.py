"""From a list of stages to steps: runs that fuse, relations, and what only Spark can run.

Imports no pyspark: stages are told apart by what they can do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

import pyarrow as pa

from irbis import adapters
from irbis.schema import BatchFunction, StreamFunction
from irbis.streaming import Composed, Mapped

__all__ = [
    "Chain",
    "Foreign",
    "Fusable",
    "Relation",
    "Relational",
    "Run",
    "flatten",
    "plan",
    "reads_all",
]


@runtime_checkable
class Fusable(Protocol):
    """What fuses: our stages and the adapters of Spark's models."""

    @property
    def rows(self) -> Literal["one", "many"]:
        """Whether each row in gives one row out."""

    def input_columns(self) -> list[str]:
        """Columns the function reads."""

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Fields the function adds or replaces."""

    def output_schema(self, schema: pa.Schema) -> pa.Schema:
        """Schema of the result."""

    def make_function(self) -> BatchFunction:
        """Make the pure function."""


@runtime_checkable
class Relational(Protocol):
    """A stage that needs all rows at once: a groupBy in Spark, the same on a table elsewhere."""

    def needed_columns(self) -> list[str] | None:
        """Columns it needs, or None if it passes the others on."""

    def aggregate_table(self, table: pa.Table) -> pa.Table:
        """Aggregate a table."""

    def aggregate_spark(self, frame: Any) -> Any:
        """Aggregate a Spark DataFrame."""


@dataclass(frozen=True)
class Run:
    """Stages which run in one pass."""

    stages: tuple[Fusable, ...]

    @property
    def keeps_rows(self) -> bool:
        """Whether each row in gives one row out."""
        return all(stage.rows == "one" for stage in self.stages)

    def output_schema(self, schema: pa.Schema) -> pa.Schema:
        """Schema after the last stage; raises what a stage's own output_schema raises."""
        for stage in self.stages:
            schema = stage.output_schema(schema)
        return schema

    def reads(self, schema: pa.Schema) -> list[str]:
        """Columns that must come from outside the run, in order of first use."""
        outside: dict[str, None] = {}
        made: set[str] = set()
        for stage in self.stages:
            # A column that is missing here has been found to be none the stage needs.
            reads = schema.names if reads_all(stage) else stage.input_columns()
            inputs = [c for c in reads if c in schema.names]
            outside.update((c, None) for c in inputs if c not in made)
            made.update(f.name for f in stage.output_fields(schema))
            schema = stage.output_schema(schema)
        return list(outside)

    def writes(self, schema: pa.Schema) -> list[str]:
        """Columns that the run adds or replaces, in order of first writing."""
        made: dict[str, None] = {}
        for stage in self.stages:
            made.update((f.name, None) for f in stage.output_fields(schema))
            schema = stage.output_schema(schema)
        return list(made)

    def needs(self, later: list[str] | None) -> list[str] | None:
        """Columns of its input that matter if those `later` are read after it; None means all."""
        for stage in reversed(self.stages):
            if reads_all(stage):
                later = None
            elif hasattr(stage, "needs_before"):  # a stage that lets columns go
                later = stage.needs_before(later)
            elif later is not None:
                later = list(dict.fromkeys([*later, *stage.input_columns()]))
        return later

    def function(self) -> Chain:
        """Compose the stages' functions into one."""
        return Chain(tuple(stage.make_function() for stage in self.stages))

    @property
    def looks_ahead(self) -> bool:
        """Whether a stage gains from reading further batches before it answers."""
        return any(hasattr(stage, "make_stream_function") for stage in self.stages)

    def stream_function(self) -> StreamFunction:
        """Compose the stages' functions into one over an iterator of batches."""
        if not self.looks_ahead:
            return Mapped(self.function())
        return Composed(
            tuple(
                stage.make_stream_function()
                if hasattr(stage, "make_stream_function")
                else Mapped(stage.make_function())
                for stage in self.stages
            )
        )


@dataclass(frozen=True)
class Relation:
    """A relational stage, a step of its own."""

    stage: Relational


@dataclass(frozen=True)
class Foreign:
    """A transformer that only Spark can run, or a stage that takes the frame its own way."""

    transformer: Any


@dataclass(frozen=True)
class Chain:
    """Functions applied one after the other; picklable if they are."""

    functions: tuple[BatchFunction, ...]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Run all functions on a batch."""
        for function in self.functions:
            batch = function(batch)
        return batch


def reads_all(stage: Any) -> bool:
    """Whether a stage reads every column there is, as one that makes lists of them does."""
    return getattr(stage, "reads_all", False)


def flatten(stages: Iterable[Any]) -> list[Any]:
    """Open nested pipeline models and the best models of cross-validations."""
    flat: list[Any] = []
    for stage in stages:
        if isinstance(getattr(stage, "stages", None), Sequence):
            flat += flatten(stage.stages)
        elif hasattr(stage, "bestModel"):
            flat += flatten([stage.bestModel])
        else:
            flat.append(stage)
    return flat


def plan(
    stages: Iterable[Any], *, jvm: bool, nominal: Collection[str] | None = None
) -> list[Run | Relation | Foreign]:
    """Split stages into steps.

    Parameters
    ----------
    stages : iterable of transformers
    jvm : bool
        True where Spark runs the plan: Spark's own models stay with it unless they follow one of
        our stages, where fusing spares a round trip. False: everything that has an adapter uses it.
    nominal : collection of str, optional
        Given where an estimator is fitted on the result: input columns that Spark knows to be
        categories. It learns them from metadata, which a pass through Python loses.
    """
    flat = adapters.with_labels(flatten(stages))
    steps: list[Run | Relation | Foreign] = []
    run: list[Fusable] = []

    def close() -> None:
        if run:
            steps.append(Run(tuple(run)))
            run.clear()

    for at, stage in enumerate(flat):
        if isinstance(stage, Relational):
            close()
            steps.append(Relation(stage))
        elif jvm and (getattr(stage, "on_driver", False) or getattr(stage, "takes_frame", False)):
            close()
            steps.append(Foreign(stage))
        elif isinstance(stage, Fusable):
            run.append(stage)
        elif (
            (run or not jvm)
            and (adapted := adapters.find(stage)) is not None
            and not (jvm and getattr(adapted, "stays_in_jvm", False))
            and not (jvm and _metadata_is_read(adapted, flat[at + 1 :], steps, nominal))
        ):
            run.append(adapted)
        else:
            close()
            steps.append(Foreign(stage))
    close()
    return steps


def _metadata_is_read(
    adapted: Any,
    later: list[Any],
    steps: list[Run | Relation | Foreign],
    nominal: Collection[str] | None,
) -> bool:
    """Whether somebody in the JVM may read the metadata that this adapter would not write."""
    writes = getattr(adapted, "attributes", "")
    if not writes:
        return False
    if any(not isinstance(s, (Fusable, Relational)) and adapters.find(s) is None for s in later):
        return True
    if nominal is None:
        return False
    # Names of features may go, categories may not: a tree splits them in another way.
    known = not any(isinstance(step, Foreign) for step in steps)
    return writes == "labels" or not known or not set(nominal).isdisjoint(adapted.input_columns())
