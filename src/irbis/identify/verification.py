"""Whether matches fit one affine picture of the other: the part that tells chance from an animal.

As in HotSpotter (Crall et al., WACV 2013) every match proposes a transformation by itself, from the
size and orientation of its two keypoints; there is no chance in it, as there is in RANSAC's draws, and
twenty true matches among a thousand are found for certain. An affine map is then fitted to those who
agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Verification", "inliers"]

Floats = npt.NDArray[np.float32]
# Tolerances of the affine map, from the first fit to the last, as multiples of the finest.
_NARROWING = (3.0, 2.0, 1.0, 1.0)
_TRIED = 5  # proposals that are refined


@dataclass(frozen=True)
class Verification:
    """What still counts as agreeing.

    Parameters
    ----------
    coarse, fine : float
        Distance from where a match should lie, as a share of the known chip's diagonal: of the
        proposal, and of the affine map fitted to it.
    scale : float
        Largest ratio of a match's ratio of sizes and what the map says it is.
    angle : float
        Largest difference of a match's turn and what the map says it is, radians. Proposals, which
        know no slant, are given twice this angle and the square of this scale.
    proposals : int
        Matches that may propose, those of the largest weight.
    """

    coarse: float = 0.08
    fine: float = 0.015
    scale: float = 1.4
    angle: float = 0.25
    proposals: int = 300


def inliers(
    query: Floats,
    known: Floats,
    weights: npt.NDArray[np.float64],
    diagonal: float,
    rules: Verification,
) -> npt.NDArray[np.intp]:
    """Find the matches that agree with one affine map, each point of either chip in one of them.

    Parameters
    ----------
    query, known : ndarray of float32, shape (m, 4)
        x, y, size and orientation of the two keypoints of each match.
    weights : ndarray of float64, shape (m,)
        Of two matches of one point the heavier stays.
    diagonal : float
        Of the known chip, pixels.
    rules : Verification

    Returns
    -------
    ndarray of int, sorted
        Rows; fewer than 3 points prove no map, and none is returned then.
    """
    best = np.zeros(0, np.intp)
    if len(query) < 3:
        return best
    proposing = np.argsort(-weights, kind="stable")[: rules.proposals]
    agreeing = _agreeing(query, known, proposing, diagonal, rules)
    for row in np.argsort(-agreeing.sum(axis=1), kind="stable")[:_TRIED]:
        kept = _refined(query, known, agreeing[row], diagonal, rules)
        kept = _once(kept, query, weights)
        kept = _once(kept, known, weights)
        if len(kept) > len(best):
            best = kept
    return best if len(best) >= 3 else np.zeros(0, np.intp)


def _refined(
    query: Floats,
    known: Floats,
    agreeing: npt.NDArray[np.bool_],
    diagonal: float,
    rules: Verification,
) -> npt.NDArray[np.intp]:
    """Fit an affine map to those who agree, then to those who agree with it, ever closer."""
    turn = known[:, 3] - query[:, 3]
    zoom = np.log(known[:, 2] / query[:, 2])
    heading = np.column_stack([np.cos(query[:, 3]), np.sin(query[:, 3])])
    for times in _NARROWING:
        fitted = _affine(query[agreeing, :2], known[agreeing, :2]) if agreeing.sum() >= 3 else None
        if fitted is None:
            return np.zeros(0, np.intp)
        linear = fitted[:2]
        off = query[:, :2] @ linear + fitted[2] - known[:, :2]
        towards = heading @ linear
        expected = np.arctan2(towards[:, 1], towards[:, 0]) - query[:, 3]
        level = 0.5 * np.log(np.linalg.det(linear))
        agreeing = (
            (np.hypot(off[:, 0], off[:, 1]) <= times * rules.fine * diagonal)
            & (_around(turn - expected) <= rules.angle)
            & (np.abs(zoom - level) <= np.log(rules.scale))
        )
    return np.flatnonzero(agreeing)


def _agreeing(
    query: Floats,
    known: Floats,
    proposing: npt.NDArray[np.intp],
    diagonal: float,
    rules: Verification,
) -> npt.NDArray[np.bool_]:
    turn = known[:, 3] - query[:, 3]
    zoom = np.log(known[:, 2] / query[:, 2])
    scale, angle = np.exp(zoom[proposing]), turn[proposing]
    cos, sin = (scale * np.cos(angle))[:, None], (scale * np.sin(angle))[:, None]
    x = query[None, :, 0] - query[proposing, 0][:, None]
    y = query[None, :, 1] - query[proposing, 1][:, None]
    off_x = cos * x - sin * y - (known[None, :, 0] - known[proposing, 0][:, None])
    off_y = sin * x + cos * y - (known[None, :, 1] - known[proposing, 1][:, None])
    near = off_x * off_x + off_y * off_y <= (rules.coarse * diagonal) ** 2
    near &= np.abs(zoom[None, :] - zoom[proposing][:, None]) <= 2 * np.log(rules.scale)
    return np.asarray(near & (_around(turn[None, :] - angle[:, None]) <= 2 * rules.angle))


def _around(angle: Floats) -> Floats:
    """Size of a turn, whichever way around."""
    return np.asarray(np.abs((angle + np.pi) % (2 * np.pi) - np.pi))


def _affine(query: Floats, known: Floats) -> npt.NDArray[np.float64] | None:
    """Fit known = query @ A[:2] + A[2]; None for what no body seen twice can do."""
    design = np.column_stack([query, np.ones(len(query))]).astype(np.float64)
    fitted, _, rank, _ = np.linalg.lstsq(design, known.astype(np.float64), rcond=None)
    if rank < 3:
        return None
    stretch = np.linalg.svd(fitted[:2], compute_uv=False)
    mirrored = np.linalg.det(fitted[:2]) <= 0
    return None if mirrored or stretch[0] > 4 * stretch[1] else np.asarray(fitted, np.float64)


def _once(
    kept: npt.NDArray[np.intp], points: Floats, weights: npt.NDArray[np.float64]
) -> npt.NDArray[np.intp]:
    """Keep the heaviest match of each place: SIFT puts several keypoints where turns are unclear."""
    heaviest = kept[np.argsort(-weights[kept], kind="stable")]
    _, first = np.unique(np.rint(points[heaviest, :2]), axis=0, return_index=True)
    return np.sort(heaviest[first])
