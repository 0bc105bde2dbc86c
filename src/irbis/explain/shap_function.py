"""Kernel SHAP of pictures: superpixels are hidden as coalitions say, all else is as in LIME."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from irbis.explain.coalitions import coalitions
from irbis.explain.masked import MaskedPicture
from irbis.explain.perturbation import LimeFunction
from irbis.explain.sampling import Design
from irbis.explain.shapley import shapley
from irbis.explain.surrogate import Fit

__all__ = ["ShapFunction"]

Answers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ShapFunction(LimeFunction):
    """Explains each picture of a batch on its own; LIME's sampler and kernel play no part."""

    @classmethod
    def like(cls, lime: LimeFunction) -> ShapFunction:
        """Make one that cuts up, hides and asks as `lime` does."""
        return cls(**{field.name: getattr(lime, field.name) for field in fields(lime)})

    def design(self, count: int) -> Design:
        """Coalitions of so many superpixels; the first keeps all."""
        return coalitions(count, self.samples, self.seed)[0]

    def fit(self, kept: Design, values: Answers) -> Fit:
        """Shapley values from answers on the scale of the metric."""
        return shapley(kept, values, coalitions(kept.shape[1], self.samples, self.seed)[1])

    def _fitted(self, masked: MaskedPicture, count: int) -> tuple[Answers, Fit]:
        kept = self.design(count)
        answers = masked.of_segments(kept)
        return answers, self.fit(kept, self.on_scale(answers))
