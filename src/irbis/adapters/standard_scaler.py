"""Spark ML's StandardScalerModel on Arrow batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from irbis.adapters.adapter import Matrix, VectorAdapter

__all__ = ["StandardScalerAdapter"]


@dataclass(frozen=True)
class StandardScalerAdapter(VectorAdapter):
    """Subtracts the mean and divides by the standard deviation, as far as the model says so.

    Null and misshapen vectors: see :class:`VectorAdapter`. A feature without deviation becomes 0.
    """

    shift: Matrix  # (features,); zeros without withMean
    scale: Matrix  # (features,); ones without withStd

    @classmethod
    def of(cls, model: Any) -> StandardScalerAdapter:
        """Read a fitted pyspark.ml.feature.StandardScalerModel."""
        mean = np.asarray(model.mean.toArray(), dtype=np.float64)
        std = np.asarray(model.std.toArray(), dtype=np.float64)
        inverse = np.divide(1.0, std, out=np.zeros_like(std), where=std != 0)
        return cls(
            source=model.getInputCol(),
            target=model.getOutputCol(),
            shift=mean if model.getWithMean() else np.zeros_like(mean),
            scale=inverse if model.getWithStd() else np.ones_like(std),
        )

    @property
    def size(self) -> int:
        """Features of the model."""
        return len(self.scale)

    def apply(self, x: Matrix) -> Matrix:
        """Scale."""
        with np.errstate(invalid="ignore", over="ignore"):
            return np.asarray((x - self.shift) * self.scale)
