"""Spark ML's PCAModel on Arrow batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from irbis.adapters.adapter import Matrix, VectorAdapter, weighted_sums

__all__ = ["PCAAdapter"]


@dataclass(frozen=True)
class PCAAdapter(VectorAdapter):
    """Projects on the principal components; like Spark, without subtracting the mean.

    Null and misshapen vectors: see :class:`VectorAdapter`.
    """

    components: Matrix  # (k, features)

    @classmethod
    def of(cls, model: Any) -> PCAAdapter:
        """Read a fitted pyspark.ml.feature.PCAModel."""
        components = np.asarray(model.pc.toArray(), dtype=np.float64).T
        return cls(
            source=model.getInputCol(),
            target=model.getOutputCol(),
            components=np.ascontiguousarray(components),
        )

    @property
    def size(self) -> int:
        """Features of the model."""
        return int(self.components.shape[1])

    def apply(self, x: Matrix) -> Matrix:
        """Project."""
        return weighted_sums(x, self.components)
