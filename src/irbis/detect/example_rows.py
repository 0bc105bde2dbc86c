"""A table of pictures and boxes as examples to learn from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from irbis.detect.examples import Example
from irbis.image.codec import PictureError, pictures
from irbis.schema import column

__all__ = ["rows_to_examples"]


def rows_to_examples(
    table: pa.Table,
    source: str,
    boxes: str,
    labels: list[str],
    ignored: list[str],
    *,
    weighted: bool,
) -> list[Example]:
    """Decode pictures; those that can't be decoded are left out.

    Parameters
    ----------
    table : pa.Table
        Without nulls in the two columns.
    source, boxes : str
        Names of the columns of pictures and of detections.
    labels : list of str
        Classes, numbered from 1 in this order; boxes with a label in neither list are left out.
    ignored : list of str
        Labels of regions that teach nothing.
    weighted : bool
        Whether a box counts by its score.
    """
    found: list[Example] = []
    for batch in table.to_batches():
        listed = column(batch, boxes).to_pylist()
        for picture, row in zip(pictures(column(batch, source)), listed, strict=True):
            if isinstance(picture, PictureError):
                continue
            known = [b for b in row if b["label"] in labels]
            found.append(
                Example(
                    picture,
                    _corners(known),
                    np.asarray([labels.index(b["label"]) + 1 for b in known], np.int64),
                    _weights(known) if weighted else None,
                    _corners([b for b in row if b["label"] in ignored]),
                )
            )
    return found


def _corners(rows: list[dict[str, Any]]) -> np.ndarray:
    listed = [[b["xmin"], b["ymin"], b["xmax"], b["ymax"]] for b in rows]
    return np.asarray(listed, dtype=np.float32).reshape(-1, 4)


def _weights(rows: list[dict[str, Any]]) -> np.ndarray:
    listed = [1.0 if b["score"] is None else b["score"] for b in rows]
    return np.clip(np.asarray(listed, dtype=np.float32), 0, 1)
