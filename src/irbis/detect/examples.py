"""Pictures to learn from: checked, and in which order they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from irbis.errors import DataError
from irbis.image.codec import Picture

__all__ = ["Example", "Order", "check"]

Boxes = npt.NDArray[np.float32]

_NONE = np.zeros((0, 4), np.float32)


@dataclass(frozen=True)
class Example:
    """A picture to learn from; one without a box shows no object.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width, 3)
        RGB.
    boxes : ndarray of float32, shape (k, 4)
        xmin, ymin, xmax, ymax in pixels.
    labels : ndarray of int64, shape (k,)
        From 1.
    weights : ndarray of float32, shape (k,), optional
        How much each box counts, from 0 to 1; None: fully.
    ignore : ndarray of float32, shape (m, 4)
        Regions that teach nothing.
    """

    picture: Picture
    boxes: Boxes = field(default_factory=lambda: _NONE)
    labels: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    weights: npt.NDArray[np.float32] | None = None
    ignore: Boxes = field(default_factory=lambda: _NONE)


def check(examples: Sequence[Example], num_classes: int) -> None:
    """Torch answers boxes that are not numbers with a segmentation fault: look before.

    Raises
    ------
    DataError
        If there is no box at all, or one without area, beyond numbers, with a label that is not a
        class or a weight that is none.
    """
    if not any(len(e.boxes) for e in examples):
        raise DataError("no box to learn from", expected="at least one")
    for at, example in enumerate(examples):
        for name, found in (("boxes", example.boxes), ("regions", example.ignore)):
            corners = np.asarray(found, dtype=np.float64).reshape(-1, 4)
            if not np.isfinite(corners).all() or (corners[:, 2:] <= corners[:, :2]).any():
                raise DataError(
                    f"{name} {corners.tolist()} of picture {at}", expected=f"{name} with area"
                )
        count = len(example.boxes)
        classes = example.labels.tolist()
        if len(classes) != count or not set(classes) <= set(range(1, num_classes + 1)):
            raise DataError(
                f"labels {classes} of picture {at}",
                expected=f"one from 1 to {num_classes} for each of its {count} boxes",
            )
        weights = np.ones(count) if example.weights is None else np.asarray(example.weights)
        if len(weights) != count or not ((weights >= 0) & (weights <= 1)).all():
            raise DataError(
                f"weights {weights.tolist()} of picture {at}",
                expected=f"one from 0 to 1 for each of its {count} boxes",
            )


class Order:
    """Which pictures a step sees: a function of seed and step, so that a run can go on anywhere.

    Every picture comes once before any comes twice; those with a box and those without have an
    order each.

    Examples
    --------
    >>> order = Order([0, 1, 2], [7], size=4, negatives=1, seed=0)
    >>> sorted(order.batch(5))
    [0, 1, 2, 7]
    """

    def __init__(
        self, positive: list[int], negative: list[int], *, size: int, negatives: int, seed: int
    ) -> None:
        empty = min(negatives, size - 1) if negative else 0
        self._parts = ((positive, size - empty), (negative, empty))
        self._seed = seed

    def batch(self, step: int) -> list[int]:
        """Places of the pictures of a step, counted from 0."""
        found: list[int] = []
        for kind, (places, count) in enumerate(self._parts):
            for k in range(step * count, (step + 1) * count):
                turn, at = divmod(k, len(places))
                rng = np.random.default_rng([self._seed, kind, turn])
                found.append(places[int(rng.permutation(len(places))[at])])
        return found
