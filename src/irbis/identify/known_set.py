"""A known set: shards, searched one by one and merged before anything is scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from irbis.files import FileRef
from irbis.identify.cells import Cells
from irbis.identify.embedding import Vector
from irbis.identify.keypoints import Keypoints
from irbis.identify.shard import Shard
from irbis.process_cache import cached

__all__ = ["KnownFiles", "KnownSet", "open_known"]


@dataclass(frozen=True)
class KnownFiles:
    """Files of a known set.

    Parameters
    ----------
    cells : FileRef
    shards : tuple of (FileRef, FileRef)
        Descriptors and annotations of each shard.
    """

    cells: FileRef
    shards: tuple[tuple[FileRef, FileRef], ...]


def open_known(files: KnownFiles) -> KnownSet:
    """Open a known set, once in a process."""
    pairs = files.shards
    key = ("known", files.cells.sha256, tuple((a.sha256, b.sha256) for a, b in pairs))

    def load() -> KnownSet:
        shards = [Shard(one.locate(), two.locate()) for one, two in pairs]
        return KnownSet(Cells.read(files.cells.locate()), shards)

    return cached(key, load)


class KnownSet:
    """All that is known, open for searching.

    Parameters
    ----------
    cells : Cells
    shards : sequence of Shard
    """

    def __init__(self, cells: Cells, shards: Sequence[Shard]) -> None:
        self.cells = cells
        self.shards = list(shards)
        self.annotations = np.array([a for s in shards for a in s.annotations], object)
        self.names = np.array([n for s in shards for n in s.names], object)
        self.events = np.array([e for s in shards for e in s.events], object)
        self.stations = np.array([e for s in shards for e in s.stations], object)
        #: First annotation of each shard, and one past the last.
        self._firsts = np.cumsum([0, *(len(s.annotations) for s in shards)])

    def search(
        self,
        descriptors: npt.NDArray[np.uint8],
        count: int,
        probes: int,
        left_out: npt.NDArray[np.bool_] | None = None,
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Find the `count` nearest descriptors of all shards together.

        Parameters
        ----------
        descriptors : ndarray of uint8, shape (n, 128)
        count : int
        probes : int
            Cells visited; as many as there are, or more, is an exact search.
        left_out : ndarray of bool, one an annotation, optional
            Annotations that are as if they were not there.

        Returns
        -------
        distances : ndarray of float32, shape (n, count)
            Squared, nearest first; infinite where there are fewer.
        owners, points : ndarray of int64, shape (n, count)
            Annotation and its keypoint; -1 where there are fewer.
        """
        cells = self.cells.nearest(descriptors, probes)
        wanted = np.ascontiguousarray(descriptors, np.float32)
        found: list[tuple[npt.NDArray[np.float32], npt.NDArray[np.int64], npt.NDArray[np.int64]]]
        found = [
            (
                np.full((len(wanted), count), np.inf, np.float32),
                np.full((len(wanted), count), -1, np.int64),
                np.full((len(wanted), count), -1, np.int64),
            )
        ]
        for shard, first, end in zip(self.shards, self._firsts[:-1], self._firsts[1:], strict=True):
            out = None if left_out is None else left_out[first:end]
            if not len(wanted) or first == end:
                continue
            distances, which = shard.search(wanted, cells, count, out)
            owner = np.searchsorted(shard.starts, which, side="right") - 1
            point = which - shard.starts[np.maximum(owner, 0)]
            none = which < 0
            found.append((distances, np.where(none, -1, owner + first), np.where(none, -1, point)))
        distances, owners, points = (np.concatenate(part, axis=1) for part in zip(*found))
        order = np.argsort(distances, axis=1, kind="stable")[:, :count]
        return (
            np.take_along_axis(distances, order, axis=1),
            np.take_along_axis(owners, order, axis=1),
            np.take_along_axis(points, order, axis=1),
        )

    def likeness(self, vector: Vector) -> npt.NDArray[np.float64]:
        """Cosine of a vector with that of each annotation; see :mod:`irbis.identify.embedding`."""
        found = [shard.likeness(vector) for shard in self.shards]
        return np.concatenate([np.zeros(0), *found])

    def keypoints(self, annotation: int) -> Keypoints:
        """Where the keypoints of an annotation are, and in what."""
        shard = int(np.searchsorted(self._firsts, annotation, side="right")) - 1
        return self.shards[shard].keypoints(annotation - int(self._firsts[shard]))

    def left_out(
        self,
        *,
        annotation: str | None = None,
        name: str | None = None,
        event: str | None = None,
        station: str | None = None,
    ) -> npt.NDArray[np.bool_]:
        """Mark the annotations that share any of these with a query."""
        out = np.zeros(len(self.annotations), np.bool_)
        for values, value in (
            (self.annotations, annotation),
            (self.names, name),
            (self.events, event),
            (self.stations, station),
        ):
            if value is not None:
                out |= values == value
        return out
