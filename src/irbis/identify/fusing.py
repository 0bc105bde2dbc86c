"""Local matches and a network's vectors together, each made a probability first.

As WildFusion does (Cermak et al., 2024): scores of different kinds are made comparable by
calibration, then averaged. Both curves are learned from the known set asking itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from irbis.identify.calibration import probability
from irbis.identify.embedding import Vector
from irbis.identify.known_set import KnownSet
from irbis.identify.ranking import Candidate
from irbis.identify.scoring import Matches

__all__ = ["Fusion", "as_score", "fuse", "most_alike"]


def as_score(cosine: float) -> float:
    """A likeness as a score, over whose logarithm (the cosine again) curves are learned."""
    return math.exp(cosine)


@dataclass(frozen=True)
class Fusion:
    """How the two are averaged.

    Parameters
    ----------
    weight : float, 0 to 1
        Of the vectors.
    local, deep : (slope, intercept)
        Of the curves of :func:`irbis.identify.calibration.probability`.
    """

    weight: float
    local: tuple[float, float]
    deep: tuple[float, float]

    def numbers(self) -> list[float]:
        """As a Param's value; :meth:`of` reads it."""
        return [self.weight, *self.local, *self.deep]

    @classmethod
    def of(cls, numbers: Sequence[float]) -> Fusion:
        """Read what :meth:`numbers` made."""
        weight, one, two, three, four = numbers
        return cls(weight, (one, two), (three, four))

    def score(self, local: float, cosine: float) -> float:
        """Mean of both probabilities; no matches are a local score of 0."""
        deep = probability(as_score(cosine), *self.deep)
        return (1 - self.weight) * probability(local, *self.local) + self.weight * deep


def most_alike(
    known: KnownSet, vector: Vector, left_out: npt.NDArray[np.bool_] | None
) -> dict[str, tuple[float, int]]:
    """Of every individual the annotation most alike: name to (cosine, annotation).

    Of equals the one whose name comes first.
    """
    cosines = known.likeness(vector)
    kept = np.arange(len(cosines)) if left_out is None else np.flatnonzero(~left_out)
    best: dict[str, tuple[float, int]] = {}
    for annotation in kept[np.argsort(-cosines[kept], kind="stable")].tolist():
        name, cosine = known.names[annotation], float(cosines[annotation])
        before = best.setdefault(name, (cosine, annotation))
        if before[0] == cosine and known.annotations[annotation] < known.annotations[before[1]]:
            best[name] = (cosine, annotation)
    return best


def fuse(
    known: KnownSet,
    found: Sequence[Candidate],
    vector: Vector,
    fusion: Fusion,
    left_out: npt.NDArray[np.bool_] | None,
    most: int,
) -> list[Candidate]:
    """Rank individuals by both scores, best first.

    Parameters
    ----------
    known : KnownSet
    found : sequence of Candidate
        By local matches. Where there are some, they say which annotation is shown.
    vector : Vector
        Of the query.
    fusion : Fusion
    left_out : ndarray of bool, one an annotation, or None
    most : int
        Individuals without a match, those most alike, that are candidates too.
    """
    alike = most_alike(known, vector, left_out)
    named = {c.name: c for c in found}
    ordered = sorted(alike.items(), key=lambda pair: (-pair[1][0], pair[0]))
    others = [(name, at) for name, at in ordered if name not in named][:most]
    nobody = np.zeros(0, np.int64)
    none = Matches(nobody, nobody, nobody, np.zeros(0))
    out = [
        Candidate(c.name, fusion.score(c.score, alike[c.name][0]), c.annotation, c.matches)
        for c in found
    ]
    out += [Candidate(name, fusion.score(0.0, at[0]), at[1], none) for name, at in others]
    return sorted(out, key=lambda c: (-c.score, -c.inliers, c.name))
