"""Keypoints of a chip: SIFT (Lowe, 2004) by OpenCV, its descriptors as RootSIFT in whole numbers.

A descriptor is 128 bytes: the square root of the SIFT histogram divided by its sum (Arandjelovic
and Zisserman, 2012), times 512. Squared distances of such vectors are whole numbers below 2^24, which
float32 holds exactly: they are the same to the bit whoever computes them, in whatever order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from irbis.extras import require
from irbis.identify.chip import Chip

__all__ = ["UNIT", "KeypointSettings", "Keypoints", "find_keypoints", "root"]

#: Length of a descriptor before it is rounded: squared distances are in units of 1 / UNIT^2.
UNIT = 512.0


@dataclass(frozen=True)
class KeypointSettings:
    """How keypoints are found.

    Parameters
    ----------
    most : int
        Keypoints kept, those of the strongest response.
    contrast : float
        SIFT's contrast threshold.
    tilts : int
        0: plain SIFT. Above: views tilted by so many steps of 1.41 are simulated and searched too
        (ASIFT, Morel and Yu, 2009), which finds patterns seen more from the side.
    """

    most: int = 1000
    contrast: float = 0.02
    tilts: int = 0


@dataclass(frozen=True)
class Keypoints:
    """What is known of a chip.

    Parameters
    ----------
    geometry : ndarray of float32, shape (n, 4)
        x, y, size (pixels of the chip) and orientation (radians) of each.
    descriptors : ndarray of uint8, shape (n, 128)
    width, height : int
        Of the chip.
    placement : tuple of float
        left, top, scale_x, scale_y of :class:`irbis.identify.chip.Chip`.
    vector : ndarray of int16, shape (d,), or None
        What a network makes of the chip; see :mod:`irbis.identify.embedding`.
    """

    geometry: npt.NDArray[np.float32]
    descriptors: npt.NDArray[np.uint8]
    width: int
    height: int
    placement: tuple[float, float, float, float]
    vector: npt.NDArray[np.int16] | None = None

    def in_picture(self, which: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
        """Where some of the points are in the picture, pixels: float32 of shape (len(which), 2)."""
        left, top, scale_x, scale_y = self.placement
        scale = np.array([scale_x, scale_y], np.float32)
        return self.geometry[which, :2] / scale + np.array([left, top], np.float32)


def root(sift: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Turn SIFT descriptors into RootSIFT in whole numbers.

    Examples
    --------
    >>> root(np.array([[0, 9, 16, 0]], np.float32)).tolist()
    [[0, 255, 255, 0]]
    """
    total = np.maximum(sift.sum(axis=1, keepdims=True), 1e-12)
    whole = np.rint(np.sqrt(sift / total) * UNIT)
    return np.asarray(np.minimum(whole, 255), np.uint8)


def find_keypoints(chip: Chip, settings: KeypointSettings) -> Keypoints:
    """Find and describe the keypoints of a chip, strongest first.

    Raises
    ------
    MissingExtraError
        Without the extra ``identify``.
    """
    cv2 = require("cv2", extra="identify")
    finder = cv2.SIFT_create(contrastThreshold=settings.contrast)
    if settings.tilts:
        finder = cv2.AffineFeature_create(finder, maxTilt=settings.tilts)
    mask = None if chip.mask is None else chip.mask.astype(np.uint8) * 255
    points, described = finder.detectAndCompute(chip.grey, mask)
    height, width = chip.grey.shape
    rows = np.array(
        [(p.pt[0], p.pt[1], p.size, np.deg2rad(p.angle), p.response) for p in points], np.float32
    ).reshape(-1, 5)
    # OpenCV's threads hand points over in any order; and descriptors of nothing are no descriptors.
    order = np.lexsort((rows[:, 3], rows[:, 2], rows[:, 1], rows[:, 0], -rows[:, 4]))
    order = order[: settings.most]
    sift = np.zeros((0, 128), np.float32) if described is None else np.asarray(described)[order]
    return Keypoints(
        geometry=np.ascontiguousarray(rows[order, :4]),
        descriptors=root(sift.astype(np.float32)),
        width=width,
        height=height,
        placement=(chip.left, chip.top, chip.scale_x, chip.scale_y),
    )
