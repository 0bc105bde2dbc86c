"""Lines of text in a picture, by RapidOCR (PP-OCRv4 in ONNX, packaged with its weights)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from irbis.extras import require
from irbis.image.picture import Picture
from irbis.process_cache import cached

__all__ = ["Line", "read_lines", "strips"]

_SEEN = 2000  # pixels: RapidOCR shrinks what has a longer side, and small print with it
_WIDE, _OVERLAP = 1600, 400  # pixels of a part of a strip
_SHARE = 0.15  # of the height: where cameras put their stamps
_ENOUGH = 0.5  # confidence of a line that is kept; RapidOCR's own border
_lock = threading.Lock()  # one reader a process: its threads are ONNX Runtime's affair


@dataclass(frozen=True)
class Line:
    """A line of text.

    Parameters
    ----------
    text : str
    confidence : float
    corners : ndarray of float64, shape (4, 2)
        x, y from the top left corner, clockwise as the text is read.
    """

    text: str
    confidence: float
    corners: npt.NDArray[np.float64]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        return (*self.corners.min(axis=0).tolist(), *self.corners.max(axis=0).tolist())


def read_lines(picture: Picture) -> list[Line]:
    """Read a picture; where small print may have been missed, its top and bottom once more.

    That is where cameras put their stamps. It is done for pictures that RapidOCR would shrink, and
    for those in which it found nothing. Where both looks found a line at one place, the longer and
    more confident one is kept. Text is taken to stand upright: turning lines that look upside down
    made an error on a camera's stamp, and cured none.

    Returns
    -------
    list of Line
        From top to bottom.
    """
    found = _read(picture)
    if not found or max(picture.shape) > _SEEN:
        for left, top, part in strips(picture):
            at = np.array([left, top], dtype=np.float64)
            found += [Line(f.text, f.confidence, f.corners + at) for f in _read(part, strip=True)]
    kept: list[Line] = []
    for line in sorted(found, key=lambda f: -f.confidence * len(f.text)):
        if not any(_same_place(line, other) for other in kept):
            kept.append(line)
    return sorted(kept, key=lambda f: (f.box[1], f.box[0]))


def strips(picture: Picture) -> Iterator[tuple[int, int, Picture]]:
    """Parts of the strips along top and bottom: left edge, top edge, pixels."""
    height, width = picture.shape[:2]
    rows = max(1, round(height * _SHARE))
    for top in dict.fromkeys((0, height - rows)):
        for left in range(0, max(width - _OVERLAP, 1), _WIDE - _OVERLAP):
            yield left, top, picture[top : top + rows, left : left + _WIDE]


def _read(part: Picture, *, strip: bool = False) -> list[Line]:
    module = require("rapidocr_onnxruntime", extra="services-ocr")
    # Its detector enlarges what is lower than 736 pixels: a strip would become a hundred times as much.
    scale = {"det_limit_type": "max", "det_limit_side_len": _WIDE} if strip else {}
    engine = cached(("rapidocr", strip), lambda: module.RapidOCR(intra_op_num_threads=1, **scale))
    with _lock:
        rows, _ = engine(np.ascontiguousarray(part[:, :, ::-1]), use_cls=False)
    found = [Line(r[1], float(r[2]), np.asarray(r[0], dtype=np.float64)) for r in rows or []]
    return [line for line in found if line.confidence >= _ENOUGH and line.text.strip()]


def _same_place(a: Line, b: Line) -> bool:
    """Whether the smaller of two lines lies mostly in the other."""
    (l1, t1, r1, b1), (l2, t2, r2, b2) = a.box, b.box
    inner = max(0.0, min(r1, r2) - max(l1, l2)) * max(0.0, min(b1, b2) - max(t1, t2))
    smaller = min((r1 - l1) * (b1 - t1), (r2 - l2) * (b2 - t2))
    return inner > 0.5 * max(smaller, 1.0)
