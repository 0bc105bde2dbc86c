"""How often a way to classify is right, and whether another one is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from irbis.detect.answers import area_under_roc
from irbis.detect.evaluate import wilson_interval

__all__ = ["Scored", "compare", "mcnemar"]

Values = npt.NDArray[np.float64]

_DRAWS = 2000
_MIDDLE = (0.025, 0.975)


@dataclass(frozen=True)
class Scored:
    """Answers of one way, picture by picture.

    Parameters
    ----------
    labels : ndarray of float64, shape (n,)
        1.0 target, 0.0 other.
    scores : ndarray of float64, shape (n,)
        Probability of the target; above 0.5 is "target".
    groups : sequence of str, length n
        Of near-duplicates: they are drawn together.
    """

    labels: Values
    scores: Values
    groups: Sequence[str]

    @property
    def right(self) -> Values:
        """1.0 where the answer is right."""
        return np.asarray((self.scores > 0.5) == (self.labels == 1.0), np.float64)

    def all(self, seed: int = 0) -> dict[str, Any]:
        """Every figure with its 95 % interval, and the confusion matrix.

        Intervals of shares are Wilson's; that of the area under the ROC curve is by drawing groups
        of near-duplicates again.
        """
        target, said = self.labels == 1.0, self.scores > 0.5
        counts = [
            [int(((target == truth) & (said == answer)).sum()) for answer in (False, True)]
            for truth in (False, True)
        ]
        (kept, alarms), (missed, found) = counts
        drawn = _areas(self, _weights(self.groups, seed))
        return {
            "n": len(self.labels),
            "confusion": counts,
            "accuracy": _share(kept + found, len(self.labels)),
            "recall": _share(found, missed + found),
            "false_alarms": _share(alarms, kept + alarms),
            "auc": {
                "value": area_under_roc(self.labels, self.scores),
                "interval": _interval(drawn),
            },
        }


def mcnemar(first: Values, second: Values) -> dict[str, Any]:
    """McNemar's exact test (1947): what only one of the two got right, and how odd that is.

    Examples
    --------
    >>> mcnemar(np.array([1, 1, 0, 0.0]), np.array([1, 0, 1, 1.0]))
    {'only_first': 1, 'only_second': 2, 'p': 1.0}
    """
    from scipy.stats import binomtest

    one, two = int((first > second).sum()), int((second > first).sum())
    p = binomtest(one, one + two).pvalue if one + two else 1.0
    return {"only_first": one, "only_second": two, "p": float(p)}


def compare(first: Scored, second: Scored, seed: int = 0) -> dict[str, Any]:
    """What the second way gains over the first on the same pictures.

    Returns
    -------
    dict
        accuracy and auc: value of the second minus that of the first, interval (95 %, by drawing
        groups of near-duplicates again, the same for both), says ("helps", "harms" or "no
        difference shown"); and McNemar's test.
    """
    weights = _weights(first.groups, seed)
    shares = [weights @ s.right / weights.sum(axis=1) for s in (first, second)]
    areas = [_areas(s, weights) for s in (first, second)]
    exact = [area_under_roc(s.labels, s.scores) for s in (first, second)]
    return {
        "n": len(first.labels),
        "accuracy": _gain(float(second.right.mean() - first.right.mean()), shares[1] - shares[0]),
        "auc": _gain(exact[1] - exact[0], areas[1] - areas[0]),
        "mcnemar": mcnemar(first.right, second.right),
    }


def _gain(value: float, drawn: Values) -> dict[str, Any]:
    low, high = _interval(drawn)
    says = "helps" if low > 0 else "harms" if high < 0 else "no difference shown"
    return {"value": value, "interval": [low, high], "says": says}


def _share(part: int, whole: int) -> dict[str, Any]:
    value = part / whole if whole else None
    return {"value": value, "interval": list(wilson_interval(part, whole))}


def _interval(drawn: Values) -> list[float]:
    known = drawn[~np.isnan(drawn)]
    return [float(v) for v in np.quantile(known, _MIDDLE)] if len(known) else [np.nan, np.nan]


def _weights(groups: Sequence[str], seed: int) -> Values:
    """How often each picture was drawn, draw by draw."""
    names, member = np.unique(np.asarray(groups), return_inverse=True)
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=_DRAWS)
    return np.asarray(counts[:, member], np.float64)


def _areas(scored: Scored, weights: Values) -> Values:
    """Area under the ROC curve of each draw; NaN without both classes."""
    order = np.argsort(scored.scores, kind="stable")
    levels = np.flatnonzero(np.diff(scored.scores[order], prepend=-np.inf))
    target = weights[:, order] * (scored.labels[order] == 1.0)
    other = weights[:, order] - target
    above = np.add.reduceat(target, levels, axis=1)
    beside = np.add.reduceat(other, levels, axis=1)
    below = np.cumsum(beside, axis=1) - beside
    pairs = above.sum(axis=1) * beside.sum(axis=1)
    wins = (above * (below + beside / 2)).sum(axis=1)
    return np.asarray(np.where(pairs > 0, wins / np.where(pairs > 0, pairs, 1.0), np.nan))
