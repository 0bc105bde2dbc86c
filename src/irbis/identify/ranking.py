"""From matches to individuals: annotations first, verified in space, then names."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from irbis.identify.keypoints import Keypoints
from irbis.identify.known_set import KnownSet
from irbis.identify.scoring import Matches, matches_of
from irbis.identify.verification import Verification, inliers

__all__ = ["Candidate", "Matching", "rank"]

_FEWEST = 4  # inliers; three fit an affine map whatever they are


@dataclass(frozen=True)
class Matching:
    """How queries are matched.

    Parameters
    ----------
    neighbours : int
        k: neighbours of a descriptor that may match; one more is the background.
    probes : int
        Cells visited for a descriptor.
    score : str
        One of :data:`irbis.identify.scoring.SCORES`.
    names : "best" or "sum"
        An individual's score: its best annotation's; or all its annotations' matches together, the
        best of each keypoint of the query.
    shortlist : int
        Annotations that are verified in space, the best before it.
    verification : Verification
    """

    neighbours: int = 4
    probes: int = 16
    score: str = "lnbnn"
    names: str = "best"
    shortlist: int = 50
    verification: Verification = field(default_factory=Verification)


@dataclass(frozen=True)
class Candidate:
    """An individual that a query may show.

    Parameters
    ----------
    name : str
    score : float
    annotation : int
        Its annotation that fits best.
    matches : Matches
        The verified ones with that annotation.
    """

    name: str
    score: float
    annotation: int
    matches: Matches

    @property
    def inliers(self) -> int:
        """How many verified matches there are."""
        return len(self.matches.query)


def rank(
    known: KnownSet,
    query: Keypoints,
    matching: Matching,
    left_out: npt.NDArray[np.bool_] | None = None,
) -> list[Candidate]:
    """Rank the individuals that a chip may show, best first.

    Parameters
    ----------
    known : KnownSet
    query : Keypoints
    matching : Matching
    left_out : ndarray of bool, one an annotation, optional
        Annotations that are as if they were not there.
    """
    found = matches_of(
        *known.search(query.descriptors, matching.neighbours + 1, matching.probes, left_out),
        matching.score,
    )
    verified = _verify(known, query, found, matching)
    by_name: dict[str, list[tuple[int, Matches]]] = {}
    for annotation, kept in verified:
        by_name.setdefault(known.names[annotation], []).append((annotation, kept))
    out = [_candidate(name, listed, matching.names) for name, listed in by_name.items()]
    return sorted(out, key=lambda c: (-c.score, -c.inliers, c.name))


def _verify(
    known: KnownSet, query: Keypoints, found: Matches, matching: Matching
) -> list[tuple[int, Matches]]:
    totals = np.bincount(found.owner, weights=found.weight, minlength=len(known.names))
    # Ties by what an annotation is called, not by where it lies: shards may lie in any order.
    some = np.flatnonzero(totals)
    order = sorted(some.tolist(), key=lambda a: (-totals[a], known.annotations[a]))
    out = []
    for annotation in order[: matching.shortlist]:
        mine = found.of(np.flatnonzero(found.owner == annotation))
        seen = known.keypoints(annotation)
        kept = inliers(
            query.geometry[mine.query],
            seen.geometry[mine.point],
            mine.weight,
            float(np.hypot(seen.width, seen.height)),
            matching.verification,
        )
        if len(kept) >= _FEWEST:
            out.append((annotation, mine.of(kept)))
    return out


def _candidate(name: str, listed: list[tuple[int, Matches]], names: str) -> Candidate:
    best, matches = max(listed, key=lambda pair: float(pair[1].weight.sum()))
    if names == "best":
        return Candidate(name, float(matches.weight.sum()), best, matches)
    heaviest: dict[int, float] = {}
    for _, some in listed:
        for point, weight in zip(some.query.tolist(), some.weight.tolist(), strict=True):
            heaviest[point] = max(weight, heaviest.get(point, 0.0))
    total = float(np.sum([heaviest[p] for p in sorted(heaviest)]))
    return Candidate(name, total, best, matches)
