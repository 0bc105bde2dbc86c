"""What a model is made of, so that it can be asked: a network, stages, a function; or opaque."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from irbis.errors import ParamError, SchemaError
from irbis.explain.answer_column import is_answer
from irbis.explain.function_model import FunctionModel
from irbis.explain.shown import Shown
from irbis.explain.stage_model import StageModel
from irbis.model.features import FeatureFunction
from irbis.planning import Chain, Foreign, Fusable, Relation, Run, flatten, plan
from irbis.schema import IMAGE, field_of

__all__ = ["Parts", "is_opaque", "parts_of"]


@dataclass(frozen=True)
class Parts:
    """What scores pictures: a network, or what stands where it does, and what follows it."""

    network: FeatureFunction | Shown
    head: Chain


def is_opaque(model: Any) -> bool:
    """Whether only Spark can run a model: some stage of it is neither of irbis nor adapted.

    Raises
    ------
    ParamError
        For a model that changes the number of rows, or that combines them.
    """
    if not hasattr(model, "transform"):
        return False
    stages = flatten([model])
    steps = plan(stages, jvm=False)
    if any(isinstance(s, Relation) or (isinstance(s, Run) and not s.keeps_rows) for s in steps):
        raise ParamError(
            f"a model of {', '.join(type(s).__name__ for s in stages)}",
            expected="one that answers each row by itself",
            do="leave augmentation and ensembling out of the model that is explained",
        )
    return any(isinstance(step, Foreign) for step in steps)


def parts_of(
    model: Any, target: str, source: str, short_side: int | None, picture: pa.DataType
) -> Parts:
    """Take a model apart that runs in this process, and check it.

    Parameters
    ----------
    model : stage, PipelineModel or function
        Not an opaque one.
    target : str
        Column of the answers.
    source : str
        Column of pictures, where the model reads several.
    short_side : int or None, pixels
        See :class:`irbis.explain.shown.Shown`.
    picture : pa.DataType
        Of the column of pictures.

    Raises
    ------
    ParamError, SchemaError
    """
    if not hasattr(model, "transform"):
        return Parts(FunctionModel(model, target, short_side=short_side), Chain(()))
    (run,) = plan([model], jvm=False)
    assert isinstance(run, Run)
    first, *rest = run.stages
    network = first.make_function()
    if isinstance(network, FeatureFunction):
        if network.crop is not None:
            raise ParamError(
                "ImageFeaturizer(resize='crop') in a model to explain",
                expected="resize='whole': weights are laid over the whole picture",
                do="fit and explain the classifier with resize='whole'",
            )
        _check(run, network.source, picture, target)
        return Parts(network, Chain(tuple(stage.make_function() for stage in rest)))
    return Parts(_shown(run, _column_of(first, source), target, short_side), Chain(()))


def _column_of(first: Fusable, source: str) -> str:
    reads: Sequence[str] = first.input_columns()
    if len(reads) > 1 and source not in reads:
        raise ParamError(
            f"a model that reads {', '.join(reads)}",
            expected=f"a first stage that reads pictures from one column, or from {source!r}",
        )
    return source if source in reads else reads[0]


def _shown(run: Run, source: str, target: str, short_side: int | None) -> StageModel:
    """Image structs, which need no coding; PNG for a stage that reads files alone."""
    encoded = False
    try:
        _check(run, source, IMAGE, target)
    except SchemaError:
        _check(run, source, pa.binary(), target)
        encoded = True
    return StageModel(run.function(), source, target, short_side=short_side, encoded=encoded)


def _check(run: Run, source: str, picture: pa.DataType, target: str) -> None:
    schema = run.output_schema(pa.schema([pa.field(source, picture)]))
    found = field_of(schema, target, reader="an explanation").type
    if not is_answer(found):
        raise SchemaError(f"{target}: {found}", expected="vector or number")
