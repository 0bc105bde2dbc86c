"""Drawing an explanation over its picture."""

from __future__ import annotations

import numpy as np

from irbis.explain.explanation import Explanation
from irbis.image.codec import Picture
from irbis.image.pixels import resized

__all__ = ["AGAINST", "FOR", "explanation_image"]

# Colours that stay apart for colour-blind readers: blue for, orange against.
FOR = np.array([30, 110, 255], dtype=np.float32)
AGAINST = np.array([255, 130, 0], dtype=np.float32)


def explanation_image(picture: Picture, explanation: Explanation, at: int = 0) -> Picture:
    """Tint superpixels: blue speaks for the class, orange against it, stronger for more weight.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width, 3)
    explanation : Explanation
    at : int, default 0
        Which of the explained classes.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    from skimage.segmentation import find_boundaries

    height, width = picture.shape[:2]
    rows = np.arange(height) * explanation.segments.shape[0] // height
    cols = np.arange(width) * explanation.segments.shape[1] // width
    segments = explanation.segments[rows][:, cols]
    weights = explanation.weights[at]
    strength = weights / max(float(np.abs(weights).max()), 1e-12)
    share = strength[segments][..., None]
    tint = np.where(share > 0, FOR, AGAINST)
    out = picture * (1 - 0.65 * np.abs(share)) + tint * 0.65 * np.abs(share)
    out[find_boundaries(segments, mode="inner")] = 255
    return resized(out.clip(0, 255).astype(np.uint8), width, height)
