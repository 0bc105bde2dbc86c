"""Which perceptual hashes are of one picture. Imports no pyspark."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

__all__ = ["BITS", "groups_of"]

#: Of a hash of :class:`irbis.PerceptualHash`.
BITS = 64


def groups_of(hashes: Sequence[str], distance: int) -> list[str]:
    """For each hash the smallest of its group; hashes at most `distance` bits apart are of one.

    A group is what such pairs connect. Pairs are looked for among hashes that are equal in one of
    ``distance + 1`` bands of their bits: two that differ in fewer bits than there are bands must be.

    Parameters
    ----------
    hashes : sequence of str
        16 hex digits each.
    distance : int, 0 to 7

    Examples
    --------
    >>> groups_of(["00000000000000ff", "00000000000000fe", "ffffffffffffffff"], 1)
    ['00000000000000fe', '00000000000000fe', 'ffffffffffffffff']
    """
    known = sorted(set(hashes))
    values = np.array([int(h, 16) for h in known], dtype=np.uint64)
    parent = list(range(len(known)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for members in _neighbours(values, distance) if distance else ():
        for k, one in enumerate(members[:-1]):
            others = members[k + 1 :]
            apart = np.bitwise_count(values[others] ^ values[one])
            for other in np.array(others)[apart <= distance]:
                a, b = sorted((root(one), root(int(other))))
                parent[b] = a  # the smallest hash is the root: known is sorted
    smallest = {h: known[root(i)] for i, h in enumerate(known)}
    return [smallest[h] for h in hashes]


def _neighbours(values: npt.NDArray[np.uint64], distance: int) -> list[list[int]]:
    """Hashes that agree in a band, by their places; those that agree with no other are left out."""
    edges = np.linspace(0, BITS, distance + 2).round().astype(int)
    found: list[list[int]] = []
    for low, high in pairwise(edges):
        mask = np.uint64((1 << int(high - low)) - 1)
        bands = values >> np.uint64(low) & mask
        members: dict[int, list[int]] = defaultdict(list)
        for at, band in enumerate(bands.tolist()):
            members[band].append(at)
        found += [places for places in members.values() if len(places) > 1]
    return found
