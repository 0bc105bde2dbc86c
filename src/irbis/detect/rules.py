"""From weights of superpixels to a box: named rules, the deck's among them.

What each gives on the shipped pictures stands in docs/benchmarks.md; none beats a box in the centre
there at IoU 0.5. ``mass`` at 0.8 with the largest component is the default: of the rules that follow
the weights it held up best over three species before irbis existed, and no human box chose it here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["RULES", "Rule", "box_of", "chosen"]

Weights = npt.NDArray[np.float64]
Chosen = npt.NDArray[np.bool_]


def _top(weights: Weights, fraction: float) -> Chosen:
    count = int(np.ceil(fraction * len(weights)))
    out = np.zeros(len(weights), dtype=bool)
    out[np.argsort(-weights, kind="stable")[:count]] = True
    return out


def _top_positive(weights: Weights, fraction: float) -> Chosen:
    positive = weights > 0
    out = np.zeros(len(weights), dtype=bool)
    places = np.flatnonzero(positive)
    out[places[_top(weights[places], fraction)]] = True
    return out


def _positive(weights: Weights, _: float) -> Chosen:
    return weights > 0


def _mass(weights: Weights, fraction: float) -> Chosen:
    order = np.argsort(-weights, kind="stable")
    gains = np.maximum(weights[order], 0.0)
    total = gains.sum()
    # As many as it takes to reach the share: the one that crosses it belongs to the set.
    before = np.concatenate([[0.0], np.cumsum(gains)[:-1]])
    out = np.zeros(len(weights), dtype=bool)
    out[order[(gains > 0) & (before < fraction * total)]] = True
    return out


def _percentile(weights: Weights, fraction: float) -> Chosen:
    return weights > np.quantile(weights, fraction)


def _maximum(weights: Weights, fraction: float) -> Chosen:
    return weights > fraction * max(float(weights.max()), 0.0)


def _between(weights: Weights, fraction: float) -> Chosen:
    low, high = float(weights.min()), float(weights.max())
    return weights > low + fraction * (high - low)


def _deviation(weights: Weights, fraction: float) -> Chosen:
    return weights > fraction * float(weights.std())


def _otsu(weights: Weights, _: float) -> Chosen:
    ranked = np.sort(weights)
    if ranked[0] == ranked[-1]:
        return weights > 0
    cuts = (ranked[:-1] + ranked[1:]) / 2
    share = np.arange(1, len(ranked)) / len(ranked)
    low = np.cumsum(ranked)[:-1] / np.arange(1, len(ranked))
    high = (ranked.sum() - np.cumsum(ranked)[:-1]) / np.arange(len(ranked) - 1, 0, -1)
    return np.asarray(weights > cuts[np.argmax(share * (1 - share) * (high - low) ** 2)])


@dataclass(frozen=True)
class Rule:
    """A rule: which superpixels, its usual fraction, and whether the largest component is kept."""

    choose: Callable[[Weights, float], Chosen]
    fraction: float
    largest_component: bool
    says: str


RULES = {
    "deck": Rule(
        _top, 0.7, False, "the deck, literally: the superpixels in the top 70 % of weights"
    ),
    "top_positive": Rule(_top_positive, 0.7, True, "the top share of the positive superpixels"),
    "positive": Rule(_positive, 1.0, True, "every positive superpixel"),
    "mass": Rule(_mass, 0.8, True, "the fewest superpixels with that share of the positive weight"),
    "percentile": Rule(_percentile, 0.8, True, "weights above that percentile"),
    "max": Rule(_maximum, 0.3, True, "weights above that share of the largest"),
    "minmax": Rule(
        _between, 0.5, True, "weights above that share of the way from least to largest"
    ),
    "std": Rule(_deviation, 0.1, True, "weights above that many standard deviations"),
    "otsu": Rule(_otsu, 0.0, True, "weights above Otsu's threshold"),
}


def chosen(weights: Weights, rule: str, fraction: float | None = None) -> Chosen:
    """Superpixels that a rule takes.

    Parameters
    ----------
    weights : ndarray of float64, shape (segments,)
    rule : str
        A key of :data:`RULES`.
    fraction : float, 0 to 1, optional
        Instead of the rule's own.

    Examples
    --------
    >>> chosen(np.array([3.0, 1.0, -2.0]), "mass", 0.7).tolist()
    [True, False, False]
    """
    found = RULES[rule]
    return found.choose(weights, found.fraction if fraction is None else fraction)


def box_of(mask: npt.NDArray[np.bool_], largest: bool) -> tuple[int, int, int, int] | None:
    """Smallest box around a mask.

    Parameters
    ----------
    mask : ndarray of bool, shape (height, width)
    largest : bool
        Only around its largest 4-connected component: one stray corner superpixel would else make
        the box the whole picture.

    Returns
    -------
    (xmin, ymin, xmax, ymax), the maxima exclusive, or None for an empty mask
    """
    if largest and mask.any():
        from scipy.ndimage import label

        parts, _ = label(mask)
        sizes = np.bincount(parts.reshape(-1))
        sizes[0] = 0
        mask = parts == sizes.argmax()
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return int(cols[0]), int(rows[0]), int(cols[-1]) + 1, int(rows[-1]) + 1
