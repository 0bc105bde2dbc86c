"""A table of detections to a MegaDetector file: sorted by Spark, some thousand rows at a time here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame

from irbis.detect.outcome import Found
from irbis.formats.megadetector import MegaImage
from irbis.formats.megadetector_stream import MegaDetectorFile

__all__ = ["write_json"]

# Rows of a sorted partition, of which the driver holds one (and the next).
_ROWS = 5000


def write_json(found: DataFrame, path: Path, labels: Sequence[str], total: int, bar: Any) -> None:
    """Write the file.

    Parameters
    ----------
    found : DataFrame
        name, detections, size, detections_error.
    path : Path
    labels : sequence of str
        Categories.
    total : int
        Rows, about.
    bar : tqdm
    """
    rows = found.select("name", "detections", "size", "detections_error.message")
    parts = max(1, -(-total // _ROWS))
    ordered = rows.repartitionByRange(parts, "name").sortWithinPartitions("name")
    with MegaDetectorFile(path, labels) as file:
        for row in ordered.toLocalIterator(prefetchPartitions=True):
            file.write(_entry(row["name"], row["detections"], row["size"], row["message"]))
            bar.update()


def _entry(name: str, detections: Any, size: Any, message: str | None) -> MegaImage:
    if detections is None:
        return MegaImage(name, 0, 0, Found.of(None).boxes, [], [], message or "failed")
    found = Found.of([d.asDict() for d in detections], size.asDict())
    return MegaImage(
        name, found.width, found.height, found.boxes, found.labels, found.scores.tolist()
    )
