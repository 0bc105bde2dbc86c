"""Spark ML's LogisticRegressionModel on Arrow batches: binomial and multinomial, thresholds too."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from irbis.adapters.adapter import Adapter, Matrix, check_vector
from irbis.adapters.sparse import vector_sums
from irbis.schema import VECTOR, column, put
from irbis.vectors import to_vectors

__all__ = ["LogisticRegressionAdapter"]


@dataclass(frozen=True)
class LogisticRegressionAdapter(Adapter):
    """The model's parameters, and its arithmetic as a function on a batch.

    Rows whose features are null (a picture that failed) or of another length get null results,
    where Spark's own transform would fail the job.
    """

    coefficients: Matrix  # (classes, features); one row if binomial
    intercepts: Matrix  # (classes,)
    features: str
    raw: str
    probability: str
    prediction: str
    threshold: float
    thresholds: tuple[float, ...] | None

    @classmethod
    def of(cls, model: Any) -> LogisticRegressionAdapter:
        """Read a fitted pyspark.ml.classification.LogisticRegressionModel."""
        coefficients = np.asarray(model.coefficientMatrix.toArray(), dtype=np.float64)
        binomial = len(coefficients) == 1
        thresholds = model.getThresholds() if model.isDefined(model.thresholds) else None
        return cls(
            coefficients=coefficients,
            intercepts=np.asarray(model.interceptVector.toArray(), dtype=np.float64),
            features=model.getFeaturesCol(),
            raw=model.getRawPredictionCol(),
            probability=model.getProbabilityCol(),
            prediction=model.getPredictionCol(),
            threshold=float(model.getThreshold()) if binomial else 0.5,
            thresholds=None if thresholds is None else tuple(thresholds),
        )

    def input_columns(self) -> list[str]:
        """The features column."""
        return [self.features]

    def output_columns(self) -> list[str]:
        """Raw prediction, probability, prediction; "" leaves one out."""
        return [name for name in (self.raw, self.probability, self.prediction) if name]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Vectors for raw and probability, a double for prediction."""
        check_vector(schema, self.features, "LogisticRegressionModel")
        types = {self.raw: VECTOR, self.probability: VECTOR, self.prediction: pa.float64()}
        return [pa.field(name, types[name]) for name in self.output_columns()]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Score a batch."""
        sums, valid = vector_sums(column(batch, self.features), self.coefficients)
        raw = self._raw(sums)
        probability = self._probability(raw)
        if self.raw:
            batch = put(batch, self.raw, to_vectors(raw, valid))
        if self.probability:
            batch = put(batch, self.probability, to_vectors(probability, valid))
        if self.prediction:
            predicted = np.zeros(len(valid))
            predicted[valid] = self._predict(raw, probability)
            batch = put(batch, self.prediction, pa.array(predicted, mask=~valid))
        return batch

    def _raw(self, sums: Matrix) -> Matrix:
        margins = sums + self.intercepts
        return np.concatenate([-margins, margins], axis=1) if margins.shape[1] == 1 else margins

    def _probability(self, raw: Matrix) -> Matrix:
        if len(self.coefficients) == 1:
            with np.errstate(over="ignore"):
                first = 1.0 / (1.0 + np.exp(-raw[:, :1]))
            return np.concatenate([first, 1.0 - first], axis=1)
        with np.errstate(invalid="ignore"):
            exps = np.exp(raw - np.fmax.reduce(raw, axis=1, keepdims=True, initial=-np.inf))
            probability = np.asarray(exps / exps.sum(axis=1, keepdims=True))
            # The first infinite margin takes all; the others are multiplied by 0, as Spark does.
            infinite = np.isposinf(raw)
            first = np.eye(raw.shape[1], dtype=bool)[infinite.argmax(axis=1)]
            certain = np.where(first, 1.0, raw * 0.0)
        return np.where(infinite.any(axis=1, keepdims=True), certain, probability)

    def _predict(self, raw: Matrix, probability: Matrix) -> Matrix:
        if len(self.coefficients) == 1:
            if not self.raw:
                return np.asarray(probability[:, 1] > self.threshold, dtype=np.float64)
            t = self.threshold
            cut = -math.inf if t == 0 else math.inf if t == 1 else math.log(t / (1 - t))
            return np.asarray(raw[:, 1] > cut, dtype=np.float64)
        if self.thresholds is None:
            return _first_largest(raw)
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = probability / np.asarray(self.thresholds)
        scaled = np.nan_to_num(scaled, nan=-np.inf, posinf=np.inf)
        return np.asarray(scaled.argmax(axis=1), dtype=np.float64)


def _first_largest(raw: Matrix) -> Matrix:
    # As Spark looks for it: NaN is larger than nothing, but a first NaN is never passed.
    found = np.where(np.isnan(raw), -np.inf, raw).argmax(axis=1)
    return np.where(np.isnan(raw[:, 0]), 0.0, found)
