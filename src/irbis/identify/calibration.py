"""What a score means: the probability of the same individual, and where "unknown" begins.

Both are learned from a model's own known set. Each of some of its annotations is asked for, once
without itself, once without its whole individual: the best score of the first, where its individual is
there, is one of a true match; the best of the second is one that an unknown animal gets.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Calibration", "calibrate", "probability", "unknown_threshold"]

_FLOOR = 1e-3  # stands for a score of 0, whose logarithm there is not
_RIDGE = 0.05


@dataclass(frozen=True)
class Calibration:
    """What was learned.

    Parameters
    ----------
    slope, intercept : float
        Of the logistic curve over the logarithm of the score.
    threshold : float
        Scores at and below it are of unknown animals.
    says : str
        How the threshold was found.
    """

    slope: float
    intercept: float
    threshold: float
    says: str


def probability(score: float, slope: float, intercept: float) -> float:
    """Probability that two chips of this score show one individual, had half of all pairs done so.

    Examples
    --------
    >>> probability(1.0, 2.0, 0.0), probability(math.e, 2.0, 0.0) > 0.88
    (0.5, True)
    """
    z = slope * math.log(max(score, _FLOOR)) + intercept
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def unknown_threshold(scores: Sequence[float], rate: float) -> tuple[float, str]:
    """Choose the score that a share `rate` of unknown animals exceeds, at most.

    Parameters
    ----------
    scores : sequence of float
        Best scores of animals whose individual is not in the database, at least 2.
    rate : float, above 0, below 1

    Returns
    -------
    threshold : float
    says : str
        With enough scores it is one of them: an unknown animal exceeds it with probability `rate` at
        most (split conformal prediction). With fewer than 1 / rate there is no such score, and it is
        the quantile of a Gumbel distribution of their mean and spread, which is what the largest of
        many chance scores follows; never less than the largest that was seen.

    Examples
    --------
    >>> unknown_threshold(list(range(1, 100)), 0.05)
    (95.0, 'conformal, 99 unknowns')
    """
    ordered = sorted(scores)
    place = math.ceil((len(ordered) + 1) * (1 - rate) - 1e-9)
    if place <= len(ordered):
        return float(ordered[place - 1]), f"conformal, {len(ordered)} unknowns"
    spread = float(np.std(ordered, ddof=1)) * math.sqrt(6) / math.pi
    middle = float(np.mean(ordered)) - 0.5772156649015329 * spread
    tail = middle - spread * math.log(-math.log1p(-rate))
    return max(tail, float(ordered[-1])), f"Gumbel, {len(ordered)} unknowns"


def calibrate(
    same: Sequence[float], other: Sequence[float], rate: float, default: Calibration
) -> Calibration:
    """Learn from scores of true matches and of unknown animals.

    Parameters
    ----------
    same, other : sequence of float
    rate : float
        Share of unknown animals that may be given a name.
    default : Calibration
        Taken where there is too little to learn from: fewer than 4 of either for the curve, fewer
        than 8 unknowns for the threshold.
    """
    slope, intercept = default.slope, default.intercept
    if min(len(same), len(other)) >= 4:
        # In order: a sum's last bit must not depend on where rows came from.
        slope, intercept = _curve(np.sort(same), np.sort(other))
    threshold, says = default.threshold, f"built in: {len(other)} unknowns are too few"
    if len(other) >= 8:
        threshold, says = unknown_threshold(other, rate)
    return Calibration(slope, intercept, threshold, says)


def _curve(same: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Logistic regression after Platt: classes weigh the same, and no answer is quite certain."""
    x = np.log(np.maximum(np.concatenate([same, other]), _FLOOR))
    high, low = (len(same) + 1) / (len(same) + 2), 1 / (len(other) + 2)
    y = np.concatenate([np.full(len(same), high), np.full(len(other), low)])
    weight = np.concatenate(
        [np.full(len(same), 0.5 / len(same)), np.full(len(other), 0.5 / len(other))]
    )
    design = np.column_stack([x - x.mean(), np.ones(len(x))])
    beta = np.zeros(2)
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        penalty = np.array([_RIDGE / len(x), 1e-9])
        gradient = design.T @ (weight * (p - y)) + penalty * beta
        curvature = (design * (weight * np.maximum(p * (1 - p), 1e-6))[:, None]).T @ design
        step = np.linalg.solve(curvature + np.diag(penalty), gradient)
        beta -= np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    slope = max(float(beta[0]), 1e-6)  # a higher score never means less
    return slope, float(beta[1] - slope * x.mean())
