"""A known set asks itself, to learn what its scores mean."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from irbis.errors import DataError
from irbis.extras import require
from irbis.identify.calibration import Calibration, calibrate
from irbis.identify.embedding import Vector
from irbis.identify.fusing import Fusion, as_score, fuse, most_alike
from irbis.identify.gathering import Gathered
from irbis.identify.known_set import KnownSet
from irbis.identify.ranking import Candidate, Matching, rank
from irbis.identify.shard import Annotation

__all__ = ["BUILT_IN", "Question", "ask", "learn_calibration", "learn_fusion"]

#: Where a known set is too small to learn from. On the safe side: nine leopards get 0.37 for a
#: threshold and generated animals 0.1, but with fewer pictures the background is farther away.
BUILT_IN = {
    "lnbnn": Calibration(2.0, 1.0, 1.0, "built in"),
    "count": Calibration(3.0, -7.5, 12.0, "built in"),
    "ratio": Calibration(3.0, -8.0, 16.0, "built in"),
    "logratio": Calibration(2.0, -1.0, 4.0, "built in"),
}


_FUSED = Calibration(2.0, 1.4, 0.6, "built in")  # a mean of probabilities: even odds at 0.5
_FEWEST = 4


@dataclass(frozen=True)
class Question:
    """One annotation asked for, and what came out.

    Parameters
    ----------
    right : str or None
        Its individual, if another of its annotations could be found; None: all of them were left out.
    vector : Vector or None
    out : ndarray of bool
        What was left out.
    ranked : list of Candidate
    """

    right: str | None
    vector: Vector | None
    out: npt.NDArray[np.bool_]
    ranked: list[Candidate]

    @property
    def score(self) -> float:
        """Of the right individual; of the best there is, if none is right."""
        fits = (c.score for c in self.ranked if self.right in {None, c.name})
        return next(fits, 0.0)


def ask(
    known: KnownSet,
    found: Gathered,
    matching: Matching,
    *,
    most: int,
    apart: tuple[bool, bool],
    threads: int,
) -> list[Question]:
    """Ask a known set for some of its own annotations; see :mod:`irbis.identify.calibration`.

    Parameters
    ----------
    known : KnownSet
    found : Gathered
        The same annotations, with their descriptors.
    matching : Matching
    most : int
        Annotations asked for; which, their names decide.
    apart : (bool, bool)
        Whether events and stations are left out.
    threads : int
    """
    require("faiss", extra="identify").omp_set_num_threads(threads)
    chosen = set(sorted(found.annotations, key=_shuffled)[:most])
    several = {n for n, times in Counter(known.names).items() if times > 1}
    alone = len(set(known.names)) < 2
    asked: list[Question] = []

    def put(annotation: Annotation, right: str | None, out: npt.NDArray[np.bool_]) -> None:
        keypoints = annotation.keypoints
        ranked = rank(known, keypoints, matching, out)
        asked.append(Question(right, keypoints.vector, out, ranked))

    for annotation in found.read() if chosen else ():
        if annotation.annotation not in chosen:
            continue
        aside = {
            "event": annotation.event if apart[0] else None,
            "station": annotation.station if apart[1] else None,
        }
        if annotation.name in several:
            out = known.left_out(annotation=annotation.annotation, **aside)
            if (~out & (known.names == annotation.name)).any():
                put(annotation, annotation.name, out)
        if not alone:
            put(annotation, None, known.left_out(name=annotation.name, **aside))
    return asked


def learn_calibration(asked: Sequence[Question], rate: float, score: str) -> Calibration:
    """Learn what local scores mean; `rate` is the share of unknown animals that may be named."""
    return calibrate(*_parted(asked, [q.score for q in asked]), rate, BUILT_IN[score])


def learn_fusion(
    known: KnownSet, asked: Sequence[Question], rate: float, score: str, weight: float
) -> tuple[Calibration, Fusion]:
    """Learn what local scores and vectors mean, each by itself, and what their mean does.

    The threshold is chosen by the same questions as the two curves, of two numbers each: the rate
    holds a little less strictly than without vectors.

    Raises
    ------
    DataError
        If there are fewer than 4 questions of either kind.
    """
    alike = [most_alike(known, _vector(q), q.out) for q in asked]
    cosines = [
        a[q.right][0] if q.right is not None else max((c for c, _ in a.values()), default=-1.0)
        for q, a in zip(asked, alike, strict=True)
    ]
    same, other = _parted(asked, [as_score(c) for c in cosines])
    if min(len(same), len(other)) < _FEWEST:
        raise DataError(
            f"{len(same)} pictures to learn from what a featurizer's vectors mean",
            expected=f"{_FEWEST} known individuals with two pictures or more, asked for",
            do="leave featurizer out, or set calibrationQueries higher",
        )
    local = learn_calibration(asked, rate, score)
    deep = calibrate(same, other, rate, _FUSED)
    fusion = Fusion(weight, (local.slope, local.intercept), (deep.slope, deep.intercept))
    fused = [
        fusion.score(q.score, c)
        if q.right is not None
        else max(
            (f.score for f in fuse(known, q.ranked, _vector(q), fusion, q.out, 1)), default=0.0
        )
        for q, c in zip(asked, cosines, strict=True)
    ]
    return calibrate(*_parted(asked, fused), rate, _FUSED), fusion


def _parted(asked: Sequence[Question], scores: Sequence[float]) -> tuple[list[float], list[float]]:
    pairs = list(zip(asked, scores, strict=True))
    return [s for q, s in pairs if q.right is not None], [s for q, s in pairs if q.right is None]


def _vector(question: Question) -> Vector:
    assert question.vector is not None  # a known set has vectors throughout, or none
    return question.vector


def _shuffled(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()
