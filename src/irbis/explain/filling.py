"""What a hidden superpixel shows: each way makes a whole picture to take the hidden parts from."""

from __future__ import annotations

import re

import numpy as np

from irbis.image.codec import Picture
from irbis.image.superpixel import Labels

__all__ = ["FILLS", "filled", "is_colour"]

FILLS = ("mean", "blur", "black", "noise")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def is_colour(fill: str) -> bool:
    """Whether it is a colour as in HTML, ``"#rrggbb"``."""
    return _COLOUR.fullmatch(fill) is not None


def filled(seen: Picture, segments: Labels, count: int, fill: str, seed: int = 0) -> Picture:
    """Make the picture that shows where superpixels are hidden.

    Parameters
    ----------
    seen : ndarray of uint8, shape (height, width, 3)
    segments : ndarray of uint16, shape (height, width)
    count : int
        Number of superpixels; one may have no pixel.
    fill : {"mean", "blur", "black", "noise"} or "#rrggbb"
        Each superpixel's mean colour, the picture blurred (Gaussian of 12 pixels), black, pixels
        drawn evenly from all colours, or one colour.
    seed : int, default 0
        Of the noise.

    Examples
    --------
    >>> seen = np.array([[[0, 0, 0], [200, 100, 50]]], np.uint8)
    >>> filled(seen, np.zeros((1, 2), np.uint16), 1, "mean")[0].tolist()
    [[100, 50, 25], [100, 50, 25]]
    >>> filled(seen, np.zeros((1, 2), np.uint16), 1, "#ff8000")[0, 0].tolist()
    [255, 128, 0]
    """
    if fill == "black":
        return np.zeros_like(seen)
    if fill == "blur":
        from scipy.ndimage import gaussian_filter

        return np.asarray(gaussian_filter(seen, sigma=(12, 12, 0)))
    if fill == "noise":
        return np.random.default_rng(seed).integers(0, 256, seen.shape, dtype=np.uint8)
    if is_colour(fill):
        return np.full_like(seen, list(bytes.fromhex(fill[1:])))
    flat = segments.reshape(-1)
    sizes = np.maximum(np.bincount(flat, minlength=count), 1)
    means = np.stack(
        [np.bincount(flat, seen[..., c].reshape(-1), count) / sizes for c in range(3)], axis=1
    )
    return means.round().astype(np.uint8)[segments]
