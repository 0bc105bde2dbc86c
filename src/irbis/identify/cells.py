"""Cells: a fixed division of the space of descriptors, by which a search skips most of a database.

It is learned once, when a model is fitted. Whatever is added later falls into the same cells, and every
shard of a database is divided alike: a search of all shards visits exactly what a search of one would.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from irbis.extras import require

__all__ = ["Cells", "cell_count", "learn_cells"]

_FLAT = 1024  # up to here all centres are compared; beyond, a graph over them is walked
_PLACING, _ASKING = 12, 64  # how broadly the graph is walked, at least
_SAMPLE = 32  # descriptors a cell for learning


def cell_count(descriptors: int) -> int:
    """How many cells a database of so many descriptors gets; 1 is an exact search.

    Examples
    --------
    >>> [cell_count(n) for n in (1_000, 100_000, 1_000_000, 100_000_000)]
    [1, 512, 2048, 16384]
    """
    if descriptors < 50_000:
        return 1
    return int(2 ** round(math.log2(1.8 * math.sqrt(descriptors))))


def learn_cells(descriptors: npt.NDArray[np.uint8], count: int, seed: int) -> Cells:
    """Learn centres of cells by k-means (faiss), as whole numbers.

    Parameters
    ----------
    descriptors : ndarray of uint8, shape (n, 128)
    count : int
        Cells; no more are made than a 16th of `n`.
    seed : int
        Of the draw of the sample and of the first centres.
    """
    faiss = require("faiss", extra="identify")
    count = max(1, min(count, len(descriptors) // 16))
    if count == 1:
        return Cells.of(np.zeros((1, 128), np.uint8))
    drawn = np.random.default_rng(seed).permutation(len(descriptors))[: count * _SAMPLE]
    means = faiss.Kmeans(
        128, count, niter=8, seed=seed + 1, min_points_per_centroid=1, verbose=False
    )
    means.train(descriptors[np.sort(drawn)].astype(np.float32))
    # Whole numbers: distances to them are exact, so cells do not depend on who computes them.
    return Cells.of(np.clip(np.rint(means.centroids), 0, 255).astype(np.uint8))


class Cells:
    """Centres of cells, searchable.

    Parameters
    ----------
    index : faiss.Index
        Over the centres.
    """

    def __init__(self, index: Any) -> None:
        self._index = index
        self.count = int(index.ntotal)

    @classmethod
    def of(cls, centres: npt.NDArray[np.uint8]) -> Cells:
        """Make them of centres, shape (count, 128)."""
        faiss = require("faiss", extra="identify")
        if len(centres) <= _FLAT:
            index = faiss.IndexFlatL2(128)
        else:
            index = faiss.IndexHNSWFlat(128, 16)
            index.hnsw.efConstruction = 60
        index.add(np.ascontiguousarray(centres, np.float32))
        return cls(index)

    @classmethod
    def read(cls, path: Path) -> Cells:
        """Read what :meth:`dump` made."""
        return cls(require("faiss", extra="identify").read_index(str(path)))

    def dump(self) -> bytes:
        """Bytes of them: with the graph, since building it again would give another."""
        faiss = require("faiss", extra="identify")
        return bytes(faiss.serialize_index(self._index).tobytes())

    def nearest(self, descriptors: npt.NDArray[np.uint8], probes: int) -> npt.NDArray[np.int64]:
        """Find the `probes` nearest cells of each descriptor: int64 of shape (n, probes)."""
        if self.count == 1 or probes >= self.count:
            return np.tile(np.arange(self.count, dtype=np.int64), (len(descriptors), 1))
        wanted = np.ascontiguousarray(descriptors, np.float32)
        options: dict[str, Any] = {}
        if hasattr(self._index, "hnsw"):
            faiss = require("faiss", extra="identify")
            # Where a descriptor goes is asked millions of times, where one may be a thousand times.
            breadth = _PLACING if probes == 1 else max(_ASKING, 2 * probes)
            options["params"] = faiss.SearchParametersHNSW(efSearch=breadth)
        return np.asarray(self._index.search(wanted, probes, **options)[1], np.int64)
