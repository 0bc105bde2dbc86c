"""Which pictures are held out of all learning: a rule, not a draw, so that runs can be compared."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

__all__ = ["FOLDS", "fold", "held_out"]

#: Of the cross-validation among the pictures that teach.
FOLDS = 3


def held_out(hashes: Sequence[str], share: float = 1 / 3) -> list[bool]:
    """Choose pictures to hold out: always the same ones, near-duplicates on one side.

    Parameters
    ----------
    hashes : sequence of str
        Perceptual hashes of one class, or of the groups that its pictures belong to.
    share : float, default 1/3

    Returns
    -------
    list of bool, True where held out

    Examples
    --------
    >>> held_out(["a", "b", "c", "a"]).count(True) in (1, 2)
    True
    """
    # By the hash of the hash: an order that has nothing to do with how a picture looks.
    order = sorted(range(len(hashes)), key=lambda i: _mixed(hashes[i]))
    wanted = round(len(hashes) * share)
    out = [False] * len(hashes)
    edge = _mixed(hashes[order[wanted - 1]]) if wanted else ""
    for i in order:
        out[i] = bool(wanted) and _mixed(hashes[i]) <= edge
    return out


def fold(value: str) -> int:
    """Fold of a picture, by the hash of its group: near-duplicates are in one.

    Examples
    --------
    >>> fold("a") in range(FOLDS)
    True
    """
    # The end of the same hash: it has nothing to do with the order that held_out goes by.
    return int(_mixed(value)[-8:], 16) % FOLDS


def _mixed(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
