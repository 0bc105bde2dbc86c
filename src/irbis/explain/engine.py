"""Perturb, ask, fit: what LIME and Kernel SHAP have in common, whatever the parts are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from irbis.explain.adaptive import until_stable
from irbis.explain.coalitions import coalitions
from irbis.explain.sampling import SAMPLERS, Design
from irbis.explain.shapley import shapley
from irbis.explain.surrogate import SURROGATES, Fit, kernel

__all__ = ["Answered", "Ask", "LimeEngine", "ShapEngine", "nothing_to_weigh"]

Matrix = npt.NDArray[np.float64]
Ask = Callable[[Design], Matrix]


@dataclass(frozen=True)
class Answered:
    """What came of it: the model's own answer, the surrogate, and how often the model was asked."""

    scores: Matrix
    fit: Fit
    asked: int


@dataclass(frozen=True)
class LimeEngine:
    """LIME over parts that are kept or hidden; see :class:`irbis.TextLIME` for the Params."""

    sampler: str
    samples: int
    stability: float
    kernel_width: float
    surrogate: str
    regularization: float
    seed: int

    def __call__(self, parts: int, ask: Ask, scale: Callable[[Matrix], Matrix]) -> Answered:
        """Explain.

        Parameters
        ----------
        parts : int, from 1
        ask : callable
            Parts kept, shape (n, parts), to answers, shape (n, classes).
        scale : callable
            Answers to what is explained.
        """
        answers: list[Matrix] = []

        def score(kept: Design) -> Matrix:
            answers.append(ask(kept))
            return scale(answers[-1])

        def fit(kept: Design, values: Matrix) -> Fit:
            weights = kernel(kept, self.kernel_width)
            return SURROGATES[self.surrogate](kept, values, weights, self.regularization)

        if self.sampler in SAMPLERS:
            kept = SAMPLERS[self.sampler](parts, self.samples, self.seed)
            found = fit(kept, score(kept))
        else:
            _, found = until_stable(score, fit, parts, self.samples, self.stability, self.seed)
        # The first row of a design keeps all.
        return Answered(answers[0][0], found, sum(len(a) for a in answers))


@dataclass(frozen=True)
class ShapEngine:
    """Kernel SHAP over parts that are kept or hidden."""

    samples: int
    seed: int

    def __call__(self, parts: int, ask: Ask, scale: Callable[[Matrix], Matrix]) -> Answered:
        """Explain; see :meth:`LimeEngine.__call__`."""
        kept, weights = coalitions(parts, self.samples, self.seed)
        answers = ask(kept)
        return Answered(answers[0], shapley(kept, scale(answers), weights), len(answers))


def nothing_to_weigh(ask: Ask, scale: Callable[[Matrix], Matrix]) -> Answered:
    """Explain what has no parts: the answer is the intercept, and there are no weights."""
    answers = ask(np.ones((1, 0), dtype=bool))
    said = scale(answers)[0]
    return Answered(answers[0], Fit(np.zeros((len(said), 0)), said, np.zeros(len(said))), 1)
