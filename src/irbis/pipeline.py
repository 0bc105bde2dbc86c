"""Pipeline and PipelineModel: Spark's own, fused, and still themselves after load, copy and tuning.

Spark's classes name ``PipelineModel`` and their readers in code, so a subclass is lost by ``load``,
``copy``, ``transform(df, params)`` and in ``CrossValidator``'s best model unless each is overridden.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyspark import ml
from pyspark.ml import Estimator, Transformer
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from irbis import execution, fusion
from irbis.errors import ParamError
from irbis.persistence import PipelineReader, PipelineWriter
from irbis.spark_schema import quoted

__all__ = ["Pipeline", "PipelineModel"]


class _NotJava:
    # Spark asks hasattr(x, "_to_java") to decide whether a tuner may save through the JVM, which
    # would write Scala's PipelineModel in place of ours.
    @property
    def _to_java(self) -> Any:
        raise AttributeError("irbis pipelines are saved by Python")


class PipelineModel(_NotJava, ml.PipelineModel):
    """A fitted pipeline whose consecutive stages run in one Python pass.

    Parameters
    ----------
    stages : list of transformers
        irbis stages, Spark ML models (those with an adapter fuse too) and any other transformer.

    Examples
    --------
    >>> PipelineModel(stages=[]).copy().stages
    []
    """

    def __init__(self, stages: Sequence[Any]) -> None:
        super().__init__(list(stages))

    def transform(self, dataset: Any, params: Any = None) -> Any:
        """Run all stages; see :meth:`irbis.Stage.transform` for what a dataset can be."""
        model = self.copy(params) if params else self
        return execution.run(model.stages, dataset)

    __call__ = transform

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return fusion.transform_frame(self.stages, dataset)

    def copy(self, extra: Any = None) -> PipelineModel:
        """Copy with extra Params handed to every stage."""
        copied = PipelineModel([stage.copy(extra or {}) for stage in self.stages])
        copied._resetUid(self.uid)
        return copied

    def write(self) -> PipelineWriter:
        """Writer that keeps the class."""
        return PipelineWriter(self)

    @classmethod
    def read(cls) -> PipelineReader:
        """Reader that keeps the class."""
        return PipelineReader(cls)


class Pipeline(_NotJava, ml.Pipeline):
    """Stages fitted in order; between two estimators, the transformers run fused.

    A predictor (anything with featuresCol) is fitted on the rows whose features and label are not
    null: a picture that failed has an error row, it does not kill the fit.

    Parameters
    ----------
    stages : list of estimators and transformers, optional

    Examples
    --------
    >>> Pipeline(stages=[]).getStages()
    []
    """

    def _fit(self, dataset: DataFrame) -> PipelineModel:
        stages = self.getStages()
        for stage in stages:
            if not isinstance(stage, (Estimator, Transformer)):
                raise ParamError(
                    f"a {type(stage).__name__} among the stages",
                    expected="estimators and transformers",
                )
        last = max((i for i, s in enumerate(stages) if isinstance(s, Estimator)), default=-1)
        fitted: list[Any] = []
        pending: list[Any] = []  # transformers not yet applied to the dataset
        for at, stage in enumerate(stages):
            if not isinstance(stage, Estimator):
                pending.append(stage)
                fitted.append(stage)
                continue
            keep = _columns_of(stage) if at == last else None
            frame = fusion.transform_frame(pending, dataset, keep=keep, fitting=True)
            model = _fit_one(stage, frame, computed=bool(pending))
            fitted.append(model)
            if at < last:
                dataset, pending = frame, [model]
        return PipelineModel(fitted)

    def write(self) -> PipelineWriter:
        """Writer that keeps the class."""
        return PipelineWriter(self)

    @classmethod
    def read(cls) -> PipelineReader:
        """Reader that keeps the class."""
        return PipelineReader(cls)


def _columns_of(estimator: Any) -> list[str] | None:
    """Columns a Spark ML predictor reads; None for an estimator we can't look into."""
    if not type(estimator).__module__.startswith("pyspark.ml."):
        return None
    if not estimator.hasParam("featuresCol"):
        return None
    names = [p.name for p in estimator.params if p.name.endswith("Col")]
    outputs = {"predictionCol", "probabilityCol", "rawPredictionCol"}
    set_ = [n for n in names if n not in outputs and estimator.isDefined(estimator.getParam(n))]
    return [estimator.getOrDefault(n) for n in set_ if estimator.getOrDefault(n)]


def _fit_one(estimator: Any, frame: DataFrame, *, computed: bool) -> Any:
    needed = _columns_of(estimator)
    if needed is None:
        return estimator.fit(frame)
    # One pass through Python: Spark ML reads its input more than once.
    usable = frame
    for name in needed:
        usable = usable.where(F.col(quoted(name)).isNotNull())
    held = usable.persist() if computed else usable
    try:
        return estimator.fit(held)
    finally:
        if computed:
            held.unpersist()
