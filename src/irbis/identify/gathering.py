"""Annotations on their way into a known set: from rows, through a file, into shards.

Rows come one by one and are written to a temporary file, so the driver's memory holds one shard at a
time and a sample of the descriptors, however large the table is.
"""

from __future__ import annotations

import logging
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.errors import DataError
from irbis.files import FileRef, keep
from irbis.identify.cells import Cells, cell_count, learn_cells
from irbis.identify.chip_reading import FEATURES, as_row, from_row
from irbis.identify.fingerprint import annotation_of
from irbis.identify.shard import Annotation, pack

__all__ = ["Gathered", "gather", "to_shards"]

logger = logging.getLogger(__name__)
_ROWS = pa.schema(
    [
        ("annotation", pa.string()),
        ("name", pa.string()),
        ("event", pa.string()),
        ("station", pa.string()),
        ("features", FEATURES),
    ]
)
_SAMPLE = 1_000_000  # descriptors at most that cells are learned from
_OF_EACH = 500  # and of one annotation: the strongest
_AT_A_TIME = 64


@dataclass
class Gathered:
    """Annotations in a file.

    Parameters
    ----------
    folder : TemporaryDirectory
        Gone with this object.
    annotations : set of str
        What they are called.
    descriptors : int
    sample : list of ndarray of uint8
        Descriptors, some of every annotation.
    left_out : Counter
        Kinds of rows that could not be used.
    """

    folder: tempfile.TemporaryDirectory[str]
    annotations: set[str] = field(default_factory=set)
    descriptors: int = 0
    sample: list[npt.NDArray[np.uint8]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def _path(self) -> Path:
        return Path(self.folder.name) / "annotations.arrow"

    def read(self) -> Iterator[Annotation]:
        """Read them, in the order they came in."""
        with pa.memory_map(str(self._path)) as source, pa.ipc.open_stream(source) as reader:
            for batch in reader:
                for row in batch.to_pylist():
                    yield Annotation(
                        row["annotation"],
                        row["name"],
                        row["event"],
                        row["station"],
                        from_row(row["features"]),
                    )

    def learn(self, seed: int) -> Cells:
        """Learn cells from the sample, as many as all the descriptors ask for."""
        pool = np.concatenate([np.zeros((0, 128), np.uint8), *self.sample])
        return learn_cells(pool, cell_count(self.descriptors), seed)


def gather(rows: Iterable[dict[str, Any]], known: Iterable[str] = ()) -> Gathered:
    """Gather annotations.

    Parameters
    ----------
    rows : iterable of dict
        name, event, station, annotation (None: named by its content), features
        (:data:`irbis.identify.chip_reading.FEATURES` or None) and error (struct or None).
    known : iterable of str
        Annotations that there are already.

    Raises
    ------
    DataError
        If two annotations have one name, or none can be used.
    """
    out = Gathered(tempfile.TemporaryDirectory(prefix="irbis-known-"))
    taken = set(known)
    with pa.OSFile(str(out._path), "wb") as sink, pa.ipc.new_stream(sink, _ROWS) as writer:  # noqa: SLF001
        waiting: list[dict[str, Any]] = []
        for row in rows:
            found = _annotation(row, out, taken)
            if found is not None:
                waiting.append(found)
            if len(waiting) == _AT_A_TIME:
                writer.write_batch(pa.RecordBatch.from_pylist(waiting, schema=_ROWS))
                waiting = []
        if waiting:
            writer.write_batch(pa.RecordBatch.from_pylist(waiting, schema=_ROWS))
    if out.left_out:
        logger.warning("left out of the known set: %s", dict(out.left_out))
    if not out.annotations:
        raise DataError(
            f"no picture to know an individual by; left out: {dict(out.left_out)}",
            expected="rows with a name, a picture that can be decoded, and an animal's box in it",
        )
    return out


def _annotation(row: dict[str, Any], out: Gathered, taken: set[str]) -> dict[str, Any] | None:
    if row["name"] is None or row["features"] is None:
        kind = "no name" if row["name"] is None else (row["error"] or {}).get("kind") or "null"
        out.left_out[kind] += 1
        return None
    keypoints = from_row(row["features"])
    if not len(keypoints.geometry):
        out.left_out["no keypoints"] += 1
        return None
    annotation = row["annotation"] or annotation_of(keypoints)
    if annotation in taken:
        raise DataError(
            f"annotation {annotation!r} twice",
            expected="one row for each picture of an individual",
            do="drop the duplicates, or set annotationCol to a column whose values differ",
        )
    taken.add(annotation)
    out.annotations.add(annotation)
    out.descriptors += len(keypoints.descriptors)
    if len(out.sample) * _OF_EACH < _SAMPLE:
        out.sample.append(keypoints.descriptors[:_OF_EACH])
    return {
        "annotation": annotation,
        "name": row["name"],
        "event": row["event"],
        "station": row["station"],
        "features": as_row(keypoints),
    }


def to_shards(found: Gathered, cells: Cells, size: int) -> list[tuple[FileRef, FileRef]]:
    """Write shards of at most `size` descriptors, but of one annotation at least, into the cache."""
    shards: list[tuple[FileRef, FileRef]] = []
    waiting: list[Annotation] = []
    held = 0
    for annotation in found.read():
        count = len(annotation.keypoints.descriptors)
        if waiting and held + count > size:
            shards.append(_kept(waiting, cells))
            waiting, held = [], 0
        waiting.append(annotation)
        held += count
    if waiting:
        shards.append(_kept(waiting, cells))
    return shards


def _kept(annotations: list[Annotation], cells: Cells) -> tuple[FileRef, FileRef]:
    descriptors, rows = pack(annotations, cells)
    return keep(descriptors), keep(rows)
