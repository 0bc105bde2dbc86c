"""Mean, maximum and vote of groups of Arrow values: the arithmetic of EnsembleByKey outside Spark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from irbis.model.keys import normalized

__all__ = ["Sorted", "max_numbers", "mean_numbers", "vote_values"]

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sorted:
    """Rows in the order of their groups, each group's in the order they came.

    Parameters
    ----------
    order : ndarray of int64
        Rows.
    starts : ndarray of int64
        Where each group that has a row begins in `order`.
    groups : ndarray of int64
        Those groups.
    """

    order: Places
    starts: Places
    groups: Places

    @classmethod
    def of(cls, member: Places) -> Sorted:
        """Sort rows by their group."""
        order = np.argsort(member, kind="stable")
        ranked = member[order]
        starts = np.flatnonzero(np.diff(ranked, prepend=-1))
        return cls(order, starts, ranked[starts])

    def spread(self, values: pa.Array, count: int) -> pa.Array:
        """One value for each of `count` groups, null for those without a row."""
        places = np.zeros(count, dtype=np.int64)
        places[self.groups] = np.arange(len(self.groups))
        empty = np.ones(count, dtype=bool)
        empty[self.groups] = False
        return values.take(pa.array(places, mask=empty))


def _known(values: pa.Array, member: Places) -> tuple[pa.Array, Places]:
    return values.drop_null(), member[values.is_valid().to_numpy(zero_copy_only=False)]


def mean_numbers(values: pa.Array, member: Places, count: int) -> pa.Array:
    """Means of numbers as doubles; a group of nulls has a null mean."""
    known, member = _known(values.cast(pa.float64()), member)
    sizes = np.bincount(member, minlength=count)
    sums = np.bincount(member, weights=known.to_numpy(), minlength=count)
    return pa.array(sums / np.maximum(sizes, 1), mask=sizes == 0)


def max_numbers(values: pa.Array, member: Places, count: int) -> pa.Array:
    """Largest numbers, of the type they have; NaN is larger than any number, as in Spark."""
    known, member = _known(values, member)
    if not len(known):
        return pa.nulls(count, values.type)
    rows = Sorted.of(member)
    largest = np.maximum.reduceat(known.to_numpy()[rows.order], rows.starts)
    return rows.spread(pa.array(largest, type=values.type), count)


def vote_values(values: pa.Array, member: Places, count: int) -> pa.Array:
    """Commonest values; of equally common ones the smallest (NaN is the largest number)."""
    known, member = _known(normalized(values), member)
    if not len(known):
        return pa.nulls(count, known.type)
    encoded = known.dictionary_encode()
    smallest = pc.sort_indices(encoded.dictionary)
    choices = len(smallest)
    rank = np.empty(choices, dtype=np.int64)
    rank[smallest.to_numpy()] = np.arange(choices)
    ballots = member * choices + rank[encoded.indices.to_numpy()]
    # By group, then by value: the first of the largest counts is the smallest value.
    cast, counts = np.unique(ballots, return_counts=True)
    rows = Sorted.of(cast // choices)
    most = np.maximum.reduceat(counts, rows.starts)
    winning = counts == np.repeat(most, np.diff(rows.starts, append=len(cast)))
    first = np.unique((cast // choices)[winning], return_index=True)[1]
    winners = smallest.take(pa.array((cast % choices)[winning][first]))
    return rows.spread(encoded.dictionary.take(winners), count)
