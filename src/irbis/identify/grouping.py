"""Sightings without names: who probably is one individual, how many there are, how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

__all__ = ["Grouping", "group"]

_DRAWS = 2000


@dataclass(frozen=True)
class Grouping:
    """Probable individuals.

    Parameters
    ----------
    groups : dict of str to int
        Sighting to group, groups numbered from 0 by their first sighting.
    count : int
        Groups that pairs above the threshold connect.
    low, high : int
        Of 2000 graphs in which each pair is joined with its own probability, the middle 95 % have from
        `low` to `high` groups. It knows of doubtful pairs; not of two flanks of one animal, and not of
        sightings that fit nothing because they are bad.
    """

    groups: dict[str, int]
    count: int
    low: int
    high: int


def group(
    sightings: Sequence[str],
    pairs: Iterable[tuple[str, str, float, float]],
    threshold: float,
    seed: int = 0,
) -> Grouping:
    """Group sightings by their verified matches.

    Parameters
    ----------
    sightings : sequence of str
    pairs : iterable of (one, other, score, probability)
        A pair found from both sides counts by its higher score.
    threshold : float
        Pairs with a higher score are one individual.
    seed : int, default 0
        Of the drawn graphs.

    Examples
    --------
    >>> found = group(["a", "b", "c"], [("a", "c", 9.0, 0.99), ("c", "b", 0.1, 0.5)], 1.0)
    >>> found.groups, found.count, (found.low, found.high)
    ({'a': 0, 'b': 1, 'c': 0}, 2, (1, 2))
    """
    ordered = sorted(sightings)
    places: Mapping[str, int] = {name: at for at, name in enumerate(ordered)}
    best: dict[tuple[int, int], tuple[float, float]] = {}
    for one, other, score, probability in pairs:
        a, b = sorted((places[one], places[other]))
        if a != b:
            best[a, b] = max(best.get((a, b), (0.0, 0.0)), (score, probability))
    edges = np.array(sorted(best), np.int64).reshape(-1, 2)
    scores = np.array([best[a, b][0] for a, b in edges.tolist()])
    chances = np.array([best[a, b][1] for a, b in edges.tolist()])
    count, labels = _components(len(ordered), edges[scores > threshold])
    rng = np.random.default_rng(seed)
    drawn = [
        _components(len(ordered), edges[rng.random(len(edges)) < chances])[0]
        for _ in range(_DRAWS if len(edges) else 1)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975], method="nearest")
    numbers: dict[int, int] = {}
    groups = {
        name: numbers.setdefault(int(label), len(numbers))
        for name, label in zip(ordered, labels.tolist(), strict=True)
    }
    return Grouping(groups, count, int(low), int(high))


def _components(count: int, edges: npt.NDArray[np.int64]) -> tuple[int, npt.NDArray[np.int32]]:
    ones = np.ones(len(edges), np.int8)
    graph = coo_array((ones, (edges[:, 0], edges[:, 1])), shape=(count, count))
    found, labels = connected_components(graph, directed=False)
    return int(found), labels
