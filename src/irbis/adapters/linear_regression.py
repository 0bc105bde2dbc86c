"""Spark ML's LinearRegressionModel on Arrow batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from irbis.adapters.adapter import Adapter, Matrix, check_vector
from irbis.adapters.sparse import vector_sums
from irbis.schema import column, put

__all__ = ["LinearRegressionAdapter"]


@dataclass(frozen=True)
class LinearRegressionAdapter(Adapter):
    """The model's parameters and its arithmetic.

    Rows whose features are null or of another length get a null prediction, where Spark fails the
    job. NaN and infinity count as Spark counts them.
    """

    coefficients: Matrix  # (features,)
    intercept: float
    features: str
    prediction: str

    @classmethod
    def of(cls, model: Any) -> LinearRegressionAdapter:
        """Read a fitted pyspark.ml.regression.LinearRegressionModel."""
        return cls(
            coefficients=np.asarray(model.coefficients.toArray(), dtype=np.float64),
            intercept=float(model.intercept),
            features=model.getFeaturesCol(),
            prediction=model.getPredictionCol(),
        )

    def input_columns(self) -> list[str]:
        """The features."""
        return [self.features]

    def output_columns(self) -> list[str]:
        """The prediction; none if its name is ""."""
        return [self.prediction] if self.prediction else []

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A double."""
        check_vector(schema, self.features, "LinearRegressionModel")
        return [pa.field(name, pa.float64()) for name in self.output_columns()]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Predict a batch."""
        if not self.prediction:
            return batch
        sums, valid = vector_sums(column(batch, self.features), self.coefficients[None])
        predicted = np.zeros(len(valid))
        predicted[valid] = sums[:, 0] + self.intercept
        return put(batch, self.prediction, pa.array(predicted, mask=~valid))
