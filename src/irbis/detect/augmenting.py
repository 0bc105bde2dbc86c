"""Pictures a little different each time: mirrored, grey, larger or smaller. Imports torch."""

from __future__ import annotations

import numpy as np
import torch

from irbis.detect.detection import resize_to_multiple
from irbis.detect.examples import Boxes, Example
from irbis.detect.recipe import Recipe

__all__ = ["augmented", "shrunk"]


def shrunk(example: Example, recipe: Recipe) -> Example:
    """Resize to the largest size that will be asked for: what is kept in memory all the time."""
    side = round(recipe.long_side * (1 + recipe.scale_jitter))
    return _resized(example, side)


def augmented(
    example: Example, recipe: Recipe, rng: np.random.Generator
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Make what the network takes.

    Returns
    -------
    picture : tensor of float32, shape (3, height, width), 0 to 1
        Sides are multiples of 32.
    target : dict
        boxes, labels, weights, ignore, spare_far.
    """
    scale = 1 + recipe.scale_jitter * rng.uniform(-1, 1)
    example = _resized(example, round(recipe.long_side * scale))
    picture, boxes, ignore = example.picture, example.boxes, example.ignore
    if rng.random() < 0.5:
        width = picture.shape[1]
        picture = picture[:, ::-1]
        boxes, ignore = _mirrored(boxes, width), _mirrored(ignore, width)
    values = picture.astype(np.float32) / 255
    if rng.random() < recipe.grey_share:
        values = np.repeat(values.mean(axis=2, keepdims=True), 3, axis=2)
    weights = np.ones(len(boxes)) if example.weights is None else example.weights
    return torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1))), {
        "boxes": _tensor(boxes),
        "labels": torch.from_numpy(np.asarray(example.labels, dtype=np.int64)),
        "weights": _tensor(weights),
        "ignore": _tensor(ignore),
        "spare_far": torch.tensor(recipe.spare_far),
    }


def _resized(example: Example, long_side: int) -> Example:
    small, sx, sy = resize_to_multiple(example.picture, long_side)
    scale = np.array([sx, sy, sx, sy], np.float32)
    return Example(
        small,
        np.asarray(example.boxes, np.float32) * scale,
        example.labels,
        example.weights,
        np.asarray(example.ignore, np.float32) * scale,
    )


def _mirrored(boxes: Boxes, width: int) -> Boxes:
    return np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], axis=1)


def _tensor(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))
