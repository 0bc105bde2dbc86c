"""What the files of camera-trap people have in common: a picture, and what was found in it.

Each format reads into these two and writes from them, so any of them turns into any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from irbis.errors import DataError

__all__ = ["Box", "TrapDetection", "TrapPicture", "labels_of"]

#: x, y, width, height as shares of the picture: what MegaDetector and Camtrap DP write.
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class TrapDetection:
    """One find.

    Parameters
    ----------
    label : str
    score : float or None, 0 to 1
        None: a person said so.
    box : tuple of 4 floats or None
        x, y, width and height as shares of the picture; None: somewhere in it.
    classifications : tuple of (label, score), default ()
        What a classifier said of the box, best first.
    extra : mapping, default {}
        Fields that irbis does not read; written back by a format that has room for them.

    Examples
    --------
    >>> TrapDetection("cat", 0.9, (0.25, 0.25, 0.5, 0.5)).label
    'cat'
    """

    label: str
    score: float | None = None
    box: Box | None = None
    classifications: tuple[tuple[str, float], ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TrapPicture:
    """A picture of a camera trap.

    Parameters
    ----------
    file : str
        Relative name, with forward slashes.
    detections : tuple of TrapDetection, default ()
        Empty: nothing was found. A picture with a `failure` has none.
    failure : str or None
        Why the picture could not be read: not the same as a picture with nothing in it.
    width, height : int or None, pixels
    taken : datetime or None
        The camera's clock; without a zone where nobody knows it.
    location : str or None
        Where the camera stood: COCO Camera Traps' location, Camtrap DP's deployment.
    sequence : str or None
        Burst or event that the picture belongs to.
    frame, frames : int or None
        Its number in the sequence, from 0, and how many there are.
    extra : mapping, default {}
        Fields that irbis does not read.
    """

    file: str
    detections: tuple[TrapDetection, ...] = ()
    failure: str | None = None
    width: int | None = None
    height: int | None = None
    taken: datetime | None = None
    location: str | None = None
    sequence: str | None = None
    frame: int | None = None
    frames: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.file:
            raise DataError("a picture without a file name", expected="its relative name")
        if self.failure is not None and self.detections:
            raise DataError(f"{self.file}, failed and with detections", expected="one or the other")


def labels_of(pictures: Iterable[TrapPicture]) -> list[str]:
    """Labels of all detections, in order of name."""
    return sorted({found.label for picture in pictures for found in picture.detections})
