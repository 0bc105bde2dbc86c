"""A shard: some annotations of a known set in two files that never change once written.

The descriptors lie in a faiss inverted file, one byte a number, in lists by cell, and are mapped into
memory: processes of one machine share its pages. What belongs to an annotation (name, event, station,
where its keypoints are) is an Arrow file, mapped too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.errors import DataError
from irbis.extras import require
from irbis.identify.cells import Cells
from irbis.identify.embedding import Vector, likeness
from irbis.identify.keypoints import Keypoints

__all__ = ["Annotation", "Shard", "pack"]

_SCHEMA = pa.schema(
    [
        ("annotation", pa.string()),
        ("name", pa.string()),
        ("event", pa.string()),
        ("station", pa.string()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("placement", pa.list_(pa.float64(), 4)),
        ("geometry", pa.large_binary()),
    ]
)
# In known sets with a featurizer.
_VECTOR = pa.field("vector", pa.large_binary())


@dataclass(frozen=True)
class Annotation:
    """One known picture of an animal.

    Parameters
    ----------
    annotation : str
        What it is called: no two have one name in a known set.
    name : str
        The individual.
    event, station : str or None
        See :class:`irbis.HotSpotter`.
    keypoints : Keypoints
    """

    annotation: str
    name: str
    event: str | None
    station: str | None
    keypoints: Keypoints


def pack(annotations: Sequence[Annotation], cells: Cells) -> tuple[bytes, bytes]:
    """Make the two files of a shard: (descriptors, annotations)."""
    faiss = require("faiss", extra="identify")
    described = np.concatenate(
        [np.zeros((0, 128), np.uint8), *(a.keypoints.descriptors for a in annotations)]
    )
    # Bytes as they are, not differences to centres: distances stay whole numbers.
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatL2(128),
        128,
        cells.count,
        faiss.ScalarQuantizer.QT_8bit_direct,
        faiss.METRIC_L2,
        False,
    )
    index.is_trained = True
    for start in range(0, len(described), 1 << 16):
        part = np.ascontiguousarray(described[start : start + (1 << 16)], np.float32)
        which = np.ascontiguousarray(cells.nearest(described[start : start + (1 << 16)], 1)[:, 0])
        index.add_core(len(part), faiss.swig_ptr(part), None, faiss.swig_ptr(which))
    rows = [
        {
            "annotation": a.annotation,
            "name": a.name,
            "event": a.event,
            "station": a.station,
            "width": a.keypoints.width,
            "height": a.keypoints.height,
            "placement": list(a.keypoints.placement),
            "geometry": a.keypoints.geometry.astype("<f4").tobytes(),
            "vector": None if a.keypoints.vector is None else a.keypoints.vector.tobytes(),
        }
        for a in annotations
    ]
    embedded = all(row["vector"] is not None for row in rows)
    schema = _SCHEMA.append(_VECTOR) if embedded else _SCHEMA
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, schema) as writer:
        writer.write_table(pa.Table.from_pylist(rows, schema=schema))
    return bytes(faiss.serialize_index(index).tobytes()), sink.getvalue().to_pybytes()


class Shard:
    """A shard, open.

    Parameters
    ----------
    descriptors, annotations : Path
        The files that :func:`pack` made.
    """

    def __init__(self, descriptors: Path, annotations: Path) -> None:
        self._faiss: Any = require("faiss", extra="identify")
        self._index = self._faiss.read_index(str(descriptors), self._faiss.IO_FLAG_MMAP)
        with pa.memory_map(str(annotations)) as source:
            table = pa.ipc.open_file(source).read_all().combine_chunks()
        self.annotations: list[str] = table["annotation"].to_pylist()
        self.names: list[str] = table["name"].to_pylist()
        self.events: list[str | None] = table["event"].to_pylist()
        self.stations: list[str | None] = table["station"].to_pylist()
        self._sizes = (table["width"].to_pylist(), table["height"].to_pylist())
        self._placements = table["placement"].to_pylist()
        self._geometry = table["geometry"]
        self._vectors = _matrix(table["vector"]) if "vector" in table.column_names else None
        counts = [len(g.as_buffer()) // 16 for g in self._geometry]
        #: First descriptor of each annotation, and one past the last.
        self.starts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)

    def search(
        self,
        descriptors: npt.NDArray[np.float32],
        cells: npt.NDArray[np.int64],
        count: int,
        left_out: npt.NDArray[np.bool_] | None,
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        """Find the `count` nearest of this shard's descriptors in the given cells.

        Parameters
        ----------
        descriptors : ndarray of float32, shape (n, 128)
        cells : ndarray of int64, shape (n, probes)
        count : int
        left_out : ndarray of bool, one an annotation, or None
            Annotations that are not searched.

        Returns
        -------
        distances : ndarray of float32, shape (n, count)
            Squared; infinite where there are fewer.
        which : ndarray of int64, shape (n, count)
            Descriptors of this shard, -1 where there are fewer.
        """
        options: dict[str, Any] = {"nprobe": cells.shape[1]}
        if left_out is not None and left_out.any():
            kept = np.packbits(np.repeat(~left_out, np.diff(self.starts)), bitorder="little")
            options["sel"] = self._faiss.IDSelectorBitmap(kept)
        pointer = self._faiss.swig_ptr
        distances = np.empty((len(descriptors), count), np.float32)
        which = np.empty((len(descriptors), count), np.int64)
        # The wrapper for Python takes no selector with given cells; the method behind it does.
        self._index.search_preassigned_c(
            len(descriptors),
            pointer(descriptors),
            count,
            pointer(np.ascontiguousarray(cells)),
            pointer(np.zeros(cells.shape, np.float32)),
            pointer(distances),
            pointer(which),
            False,
            self._faiss.SearchParametersIVF(**options),
        )
        # faiss says "none" with the largest number there is.
        return np.where(which < 0, np.inf, distances).astype(np.float32), which

    def likeness(self, vector: Vector) -> npt.NDArray[np.float64]:
        """Cosine of a vector with each annotation's.

        Raises
        ------
        DataError
            If the annotations have no vectors, or vectors of another length.
        """
        held = 0 if self._vectors is None else self._vectors.shape[1]
        if self._vectors is None or held != len(vector):
            raise DataError(
                f"a vector of {len(vector)} numbers for annotations with {held}",
                expected="the featurizer that the known set was made with",
            )
        return likeness(vector, self._vectors)

    def keypoints(self, annotation: int) -> Keypoints:
        """Where an annotation's keypoints are; without their descriptors."""
        buffer = self._geometry[annotation].as_buffer()
        return Keypoints(
            geometry=np.frombuffer(buffer, "<f4").reshape(-1, 4),
            descriptors=np.zeros((0, 128), np.uint8),
            width=self._sizes[0][annotation],
            height=self._sizes[1][annotation],
            placement=tuple(self._placements[annotation]),
        )


def _matrix(vectors: pa.ChunkedArray) -> Vector:
    """All vectors of a shard as they lie in the file: int16 of shape (annotations, numbers)."""
    (chunk,) = vectors.chunks
    first = len(chunk[0].as_buffer())
    flat = np.frombuffer(chunk.buffers()[2], "<i2", count=len(chunk) * first // 2)
    return flat.reshape(len(chunk), -1)
