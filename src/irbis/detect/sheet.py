"""A sheet of pictures with a person's boxes and the machine's, side by side with their IoU."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from irbis.detect.drawing import HUMAN, MACHINE, draw_boxes
from irbis.detect.matching import iou_matrix
from irbis.image.codec import Picture
from irbis.image.pixels import resized

__all__ = ["comparison_sheet"]

_GAP = 6
_DARK = 24

Boxes = npt.NDArray[np.floating]


def comparison_sheet(
    pictures: Sequence[Picture],
    human: Sequence[Boxes],
    machine: Sequence[Boxes],
    *,
    columns: int = 5,
    side: int = 240,
) -> Picture:
    """Draw both kinds of boxes into each picture and put the pictures beside each other.

    Parameters
    ----------
    pictures : sequence of ndarray of uint8, shape (height, width, 3)
    human, machine : sequence of ndarray, shape (k, 4)
        Pixels of the picture: white a person's, orange the machine's. The number at a machine's
        box is its best IoU with a person's.
    columns : int, default 5
    side : int, pixels, default 240
        Side of the square that each picture fits into.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)

    Examples
    --------
    >>> box = np.array([[10, 10, 60, 60.0]])
    >>> sheet = comparison_sheet([np.zeros((80, 100, 3), np.uint8)] * 3, [box] * 3, [box] * 3)
    >>> sheet.shape
    (246, 738, 3)
    """
    columns = max(1, min(columns, len(pictures)))
    rows = -(-len(pictures) // columns)
    step = side + _GAP
    sheet = Image.new("RGB", (columns * step, max(rows, 1) * step), (_DARK,) * 3)
    for at, (picture, true, found) in enumerate(zip(pictures, human, machine, strict=True)):
        tile = _tile(picture, true, found, side)
        left = at % columns * step + (step - tile.shape[1]) // 2
        top = at // columns * step + (step - tile.shape[0]) // 2
        sheet.paste(Image.fromarray(tile), (left, top))
    return np.asarray(sheet)


def _tile(picture: Picture, true: Boxes, found: Boxes, side: int) -> Picture:
    scale = side / max(picture.shape[:2])
    height, width = (max(1, round(n * scale)) for n in picture.shape[:2])
    small = resized(picture, width, height)
    fits = iou_matrix(found, true)
    captions = [f"{row.max():.2f}" if row.size else "" for row in fits]
    drawn = draw_boxes(small, np.asarray(true) * scale, HUMAN)
    return draw_boxes(drawn, np.asarray(found) * scale, MACHINE, captions)
