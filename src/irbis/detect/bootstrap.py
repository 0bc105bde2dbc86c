"""Intervals by drawing the pictures again (Efron, 1979): what another set as large might show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from irbis.detect.evaluate import measure
from irbis.detect.matching import Boxes, Match, Prediction, average_precision, curve, match

__all__ = ["interval", "intervals", "ratio_interval"]

_FIGURES = ("corloc", "corloc70", "mean_iou", "ap50", "ap75", "ap")


def intervals(
    predictions: Sequence[Prediction],
    truth: Sequence[Boxes],
    figures: Sequence[str] = _FIGURES,
    *,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> dict[str, tuple[float, float]]:
    """Interval of each measure.

    Parameters
    ----------
    predictions, truth
        As :func:`irbis.detect.evaluate.evaluate` takes them.
    figures : sequence of str
        Names of fields of :class:`irbis.detect.evaluate.Evaluation`.
    draws : int, default 1000
    seed : int, default 0
    level : float, default 0.95

    Examples
    --------
    >>> true = [np.array([[0, 0, 9, 9.0]])] * 10
    >>> found = [(t, np.ones(1)) for t in true[:5]] + [(t + 99, np.ones(1)) for t in true[5:]]
    >>> low, high = intervals(found, true, ["corloc"])["corloc"]
    >>> 0.1 <= low < 0.5 < high <= 0.9
    True
    """
    matches = [match(p, t) for p, t in zip(predictions, truth, strict=True)]
    seen = [measure([matches[i] for i in d]) for d in _draws(len(matches), draws, seed)]
    return {f: _middle([getattr(s, f) for s in seen], level) for f in figures}


def ratio_interval(
    first: Sequence[Prediction],
    second: Sequence[Prediction],
    truth: Sequence[Boxes],
    *,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[float, float]:
    """Interval of AP50 of the first over AP50 of the second, on the same drawn pictures."""
    sides = [[match(p, t) for p, t in zip(found, truth, strict=True)] for found in (first, second)]

    def ratio(places: np.ndarray) -> float:
        one, two = (_ap50([side[i] for i in places]) for side in sides)
        return one / two if two else float("nan")

    return interval(ratio, len(truth), draws=draws, seed=seed, level=level)


def interval(
    statistic: Callable[[np.ndarray], float],
    count: int,
    *,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[float, float]:
    """Interval of anything that is counted from pictures.

    Parameters
    ----------
    statistic : callable
        Of the places of the drawn pictures, 0 to count - 1 with repeats; NaN is left out.
    count : int
    """
    return _middle([statistic(d) for d in _draws(count, draws, seed)], level)


def _draws(count: int, draws: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, count, (draws, count))


def _ap50(matches: Sequence[Match]) -> float:
    return average_precision(*curve(matches, 0)[:2])


def _middle(values: Sequence[float], level: float) -> tuple[float, float]:
    known = np.asarray(values)[~np.isnan(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
