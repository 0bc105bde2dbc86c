"""Spark ML's LogisticRegressionModel on Arrow batches: binomial and multinomial, thresholds too."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.errors import SchemaError
from irbis.schema import VECTOR, BatchFunction, column, field_of, put, put_field
from irbis.vectors import is_vector_like, to_matrix, to_vectors

__all__ = ["LogisticRegressionAdapter"]

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LogisticRegressionAdapter:
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

    rows: ClassVar[Literal["one", "many"]] = "one"

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

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Vectors for raw and probability, a double for prediction; "" leaves one out."""
        found = field_of(schema, self.features, reader="LogisticRegressionModel")
        if not is_vector_like(found.type):
            raise SchemaError(f"{self.features}: {found.type}", expected="a vector or a list")
        types = {self.raw: VECTOR, self.probability: VECTOR, self.prediction: pa.float64()}
        return [pa.field(name, type_) for name, type_ in types.items() if name]

    def output_schema(self, schema: pa.Schema) -> pa.Schema:
        """`schema` with the model's output columns."""
        for field in self.output_fields(schema):
            schema = put_field(schema, field)
        return schema

    def make_function(self) -> BatchFunction:
        """The adapter is itself its function."""
        return self

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Score a batch."""
        x, valid = to_matrix(column(batch, self.features), self.coefficients.shape[1])
        raw = self._raw(x)
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

    def _raw(self, x: Matrix) -> Matrix:
        # Row by row sums, not a matrix product: BLAS rounds by the number of rows, and a batch cut
        # elsewhere must give the same bits.
        margins = np.stack(
            [(x * c).sum(axis=1) + b for c, b in zip(self.coefficients, self.intercepts)], axis=1
        )
        return np.concatenate([-margins, margins], axis=1) if margins.shape[1] == 1 else margins

    def _probability(self, raw: Matrix) -> Matrix:
        if len(self.coefficients) == 1:
            with np.errstate(over="ignore"):
                first = 1.0 / (1.0 + np.exp(-raw[:, :1]))
            return np.concatenate([first, 1.0 - first], axis=1)
        exps = np.exp(raw - raw.max(axis=1, keepdims=True, initial=-np.inf))
        return np.asarray(exps / exps.sum(axis=1, keepdims=True))

    def _predict(self, raw: Matrix, probability: Matrix) -> Matrix:
        if len(self.coefficients) == 1:
            if not self.raw:
                return np.asarray(probability[:, 1] > self.threshold, dtype=np.float64)
            t = self.threshold
            cut = -math.inf if t == 0 else math.inf if t == 1 else math.log(t / (1 - t))
            return np.asarray(raw[:, 1] > cut, dtype=np.float64)
        if self.thresholds is None:
            return np.asarray(raw.argmax(axis=1), dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = probability / np.asarray(self.thresholds)
        scaled = np.nan_to_num(scaled, nan=-np.inf, posinf=np.inf)
        return np.asarray(scaled.argmax(axis=1), dtype=np.float64)
