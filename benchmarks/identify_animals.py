"""Generated animals: patterned surfaces, seen by camera traps that make it hard.

Nothing here is a photograph. A pelt is band-passed noise, thresholded: spots and stripes as
reaction-diffusion makes them, another for every seed. A sighting is that pelt under an affine map and a
perspective, under uneven light, occluded, blurred, with noise, before the same rocks as every other
sighting of its station.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image
from scipy import ndimage

WIDTH, HEIGHT = 480, 320


@dataclass(frozen=True)
class Sighting:
    """A picture, where the animal is in it, and where it was taken."""

    picture: np.ndarray
    mask: np.ndarray
    box: tuple[float, float, float, float]
    station: int


def pelt(individual: int, size: int = 256, wave: float = 11.0) -> np.ndarray:
    """Pattern of an individual, float32 in 0 to 1, shape (size, size)."""
    rng = np.random.default_rng([individual, 7])
    y, x = np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size), indexing="ij")
    stretch = 1 + 0.25 * rng.random()
    ring = np.hypot(x * stretch, y / stretch) * wave
    band = np.exp(-(((ring - 1) / 0.22) ** 2))
    noise = np.fft.ifft2(np.fft.fft2(rng.standard_normal((size, size))) * band).real
    noise /= noise.std()
    spots = 1 / (1 + np.exp(-6 * (noise - 0.55)))
    fur = ndimage.gaussian_filter(rng.standard_normal((size, size)), 1.2)
    return (0.72 - 0.5 * spots + 0.05 * fur).astype(np.float32)


@cache
def rocks(station: int) -> np.ndarray:
    """Background of a station, shape (HEIGHT, WIDTH): the same in every picture of it."""
    rng = np.random.default_rng([station, 13])
    layers = [
        ndimage.gaussian_filter(rng.standard_normal((HEIGHT, WIDTH)), s) * s for s in (1.5, 4, 12)
    ]
    mixed = sum(layers)
    return (0.45 + 0.16 * mixed / mixed.std()).astype(np.float32)


def _homography(rng: np.random.Generator, size: int, hard: float) -> np.ndarray:
    """Maps pixels of the picture to pixels of the pelt."""
    angle = rng.normal(0, 0.15 * hard)
    tilt = 1 + abs(rng.normal(0, 0.18 * hard))
    turn = rng.uniform(0, np.pi)
    scale = 200 / size * np.exp(rng.normal(0, 0.2 * hard))
    spin = _rotation(turn) @ np.diag([1.0, 1 / tilt]) @ _rotation(-turn)
    forward = np.eye(3)
    forward[:2, :2] = scale * _rotation(angle) @ spin * np.array([1.5, 1.0])[:, None]
    centre = np.array([WIDTH / 2, HEIGHT / 2]) + rng.normal(0, 12, 2)
    forward[:2, 2] = centre - forward[:2, :2] @ np.array([size / 2, size / 2])
    forward[2, :2] = rng.normal(0, 0.0006 * hard, 2)
    forward[2, 2] = 1 - forward[2, :2] @ np.array([size / 2, size / 2])
    return np.linalg.inv(forward)


def _rotation(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def sight(individual: int, number: int, *, hard: float, station: int) -> Sighting:
    """See an individual.

    Parameters
    ----------
    individual, number : int
        Who, and which of its sightings: each its own draw.
    hard : float
        0: nothing but another place; 1: a usual camera trap; 2: a bad one.
    station : int
    """
    rng = np.random.default_rng([individual, number, 23])
    pattern = pelt(individual)
    size = len(pattern)
    inverse = _homography(rng, size, hard)
    ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    # A body bends: the same affine map nowhere twice.
    bend = 2.0 * hard
    phase = rng.uniform(0, 2 * np.pi, 2)
    bent_x = xs + bend * np.sin(ys / 55 + phase[0])
    bent_y = ys + bend * np.sin(xs / 70 + phase[1])
    where = inverse @ np.stack([bent_x.ravel(), bent_y.ravel(), np.ones(xs.size)])
    u, v = (where[:2] / where[2]).reshape(2, HEIGHT, WIDTH)
    # An ellipse of the pelt is the flank.
    inside = ((u - size / 2) / (size * 0.48)) ** 2 + ((v - size / 2) / (size * 0.42)) ** 2 < 1
    seen = ndimage.map_coordinates(pattern, [v, u], order=1, mode="reflect")
    light = (
        1
        + 0.35 * hard * (xs / WIDTH - 0.5) * rng.normal()
        + 0.35 * hard * (ys / HEIGHT - 0.5) * rng.normal()
    )
    picture = np.where(inside, seen * light, rocks(station))
    for _ in range(rng.poisson(1.2 * hard)):  # grass before it
        x0, lean = rng.uniform(0, WIDTH), rng.normal(0, 0.5)
        blade = np.abs(xs - x0 - lean * (ys - HEIGHT / 2)) < rng.uniform(4, 14)
        picture = np.where(blade, 0.35 + 0.1 * rng.standard_normal(), picture)
    picture = ndimage.gaussian_filter(picture, rng.uniform(0, 1.1 * hard) + 1e-3)
    picture = picture + rng.normal(0, 0.035 * hard, picture.shape)
    grey = np.clip(picture * 255, 0, 255).astype(np.uint8)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    box = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    return Sighting(
        np.repeat(grey[:, :, None], 3, axis=2),
        (inside * 255).astype(np.uint8)[:, :, None].repeat(3, axis=2),
        tuple(float(b) for b in box),
        station,
    )


def save(picture: np.ndarray, path: str) -> None:
    """Write a picture, to look at it."""
    Image.fromarray(picture).save(path)
