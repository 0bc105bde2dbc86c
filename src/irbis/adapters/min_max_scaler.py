"""Spark ML's MinMaxScalerModel on Arrow batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from irbis.adapters.adapter import Matrix, VectorAdapter

__all__ = ["MinMaxScalerAdapter"]


@dataclass(frozen=True)
class MinMaxScalerAdapter(VectorAdapter):
    """Maps each feature from the range it was fitted on to [low, high].

    Null and misshapen vectors: see :class:`VectorAdapter`. NaN stays NaN; a feature that was
    constant becomes the middle of the range.
    """

    least: Matrix  # (features,)
    scale: Matrix  # (features,); 0 where the feature was constant
    low: float
    high: float

    @classmethod
    def of(cls, model: Any) -> MinMaxScalerAdapter:
        """Read a fitted pyspark.ml.feature.MinMaxScalerModel."""
        least = np.asarray(model.originalMin.toArray(), dtype=np.float64)
        extent = np.asarray(model.originalMax.toArray(), dtype=np.float64) - least
        low, high = float(model.getMin()), float(model.getMax())
        return cls(
            source=model.getInputCol(),
            target=model.getOutputCol(),
            least=least,
            scale=np.divide(high - low, extent, out=np.zeros_like(extent), where=extent != 0),
            low=low,
            high=high,
        )

    @property
    def size(self) -> int:
        """Features of the model."""
        return len(self.scale)

    def apply(self, x: Matrix) -> Matrix:
        """Scale."""
        with np.errstate(invalid="ignore", over="ignore"):
            scaled = (x - self.least) * self.scale + self.low
        middle = np.where(np.isnan(x), np.nan, (self.low + self.high) / 2)
        return np.where(self.scale == 0, middle, scaled)
