"""A known set asks itself, to learn what its scores mean."""

from __future__ import annotations

import hashlib

from irbis.extras import require
from irbis.identify.calibration import Calibration, calibrate
from irbis.identify.gathering import Gathered
from irbis.identify.known_set import KnownSet
from irbis.identify.ranking import Matching, rank

__all__ = ["BUILT_IN", "learn_calibration"]

#: Where a known set is too small to learn from. On the safe side: nine leopards get 0.37 for a
#: threshold and generated animals 0.1, but with fewer pictures the background is farther away.
BUILT_IN = {
    "lnbnn": Calibration(2.0, 1.0, 1.0, "built in"),
    "count": Calibration(3.0, -7.5, 12.0, "built in"),
    "ratio": Calibration(3.0, -8.0, 16.0, "built in"),
    "logratio": Calibration(2.0, -1.0, 4.0, "built in"),
}


def learn_calibration(
    known: KnownSet,
    found: Gathered,
    matching: Matching,
    *,
    rate: float,
    most: int,
    apart: tuple[bool, bool],
    threads: int,
) -> Calibration:
    """Ask a known set for some of its own annotations; see :mod:`irbis.identify.calibration`.

    Parameters
    ----------
    known : KnownSet
    found : Gathered
        The same annotations, with their descriptors.
    matching : Matching
    rate : float
        Share of unknown animals that may be given a name.
    most : int
        Annotations asked for; which, their names decide.
    apart : (bool, bool)
        Whether events and stations are left out.
    threads : int
    """
    require("faiss", extra="identify").omp_set_num_threads(threads)
    same, other = [], []
    chosen = set(sorted(found.annotations, key=_shuffled)[:most])
    several = {n for n in known.names if (known.names == n).sum() > 1}
    alone = len(set(known.names)) < 2
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
                ranked = rank(known, annotation.keypoints, matching, out)
                same.append(next((c.score for c in ranked if c.name == annotation.name), 0.0))
        if not alone:
            out = known.left_out(name=annotation.name, **aside)
            ranked = rank(known, annotation.keypoints, matching, out)
            other.append(ranked[0].score if ranked else 0.0)
    return calibrate(same, other, rate, BUILT_IN[matching.score])


def _shuffled(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()
