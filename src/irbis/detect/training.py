"""Training the Faster R-CNN: few steps, small batches, repeatable. Imports torch: import it late."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from irbis.detect.detection import resize_to_multiple
from irbis.detect.network import build
from irbis.errors import DataError
from irbis.image.codec import Picture

__all__ = ["train"]

_GREY_SHARE = 0.3  # camera traps at night are grey
_CLIP = 5.0

Boxes = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


def train(
    pictures: Sequence[Picture],
    boxes: Sequence[Boxes],
    labels: Sequence[Labels],
    *,
    num_classes: int,
    iterations: int = 120,
    batch_size: int = 4,
    negatives_per_batch: int = 1,
    learning_rate: float = 3e-4,
    warmup: int = 20,
    long_side: int = 320,
    threads: int = 1,
    seed: int = 0,
    progress: Callable[[int, int, float], None] | None = None,
) -> nn.Module:
    """Train on pictures with boxes; a picture without one is a negative.

    Parameters
    ----------
    pictures : sequence of ndarray of uint8, shape (height, width, 3)
        RGB.
    boxes : sequence of ndarray of float32, shape (k, 4)
        xmin, ymin, xmax, ymax in pixels.
    labels : sequence of ndarray of int64, shape (k,)
        From 1.
    num_classes, iterations, batch_size, negatives_per_batch, learning_rate, long_side, threads, seed
        As the Params of :class:`irbis.FasterRCNN`.
    warmup : int, default 20
        Steps over which the learning rate rises.
    progress : callable, optional
        Called with (step, steps, loss).

    Returns
    -------
    torch.nn.Module
        In eval mode. The same input, seed and number of threads give the same network.

    Raises
    ------
    DataError
        If there is no box at all, or one without area, beyond numbers or with a label that is not
        a class; and if the loss stops being a number.
    """
    _check(pictures, boxes, labels, num_classes)
    rng = np.random.default_rng(seed)
    ready = [_prepare(p, b, long_side) for p, b in zip(pictures, boxes, strict=True)]
    positive = [i for i, b in enumerate(boxes) if len(b)]
    negative = [i for i, b in enumerate(boxes) if not len(b)]
    with _quiet_torch(seed, threads):
        model = build(num_classes).train()
        learned = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(learned, lr=learning_rate)
        batches = _batches(positive, negative, batch_size, negatives_per_batch, rng)
        for step in range(iterations):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate * min(1.0, (step + 1) / max(warmup, 1))
            chosen = [_augmented(*ready[i], labels[i], rng) for i in next(batches)]
            losses = model([c[0] for c in chosen], [c[1] for c in chosen])
            loss = sum(losses.values(), torch.zeros(()))
            if not torch.isfinite(loss):
                raise DataError(
                    f"loss {float(loss.detach())} at step {step + 1}",
                    expected="a number",
                    do="lower the learning rate",
                )
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(learned, _CLIP)
            optimizer.step()
            if progress is not None:
                progress(step + 1, iterations, float(loss.detach()))
    return model.eval()


def _check(
    pictures: Sequence[Picture],
    boxes: Sequence[Boxes],
    labels: Sequence[Labels],
    num_classes: int,
) -> None:
    """Torch answers boxes that are not numbers with a segmentation fault: look before."""
    if not len(pictures) == len(boxes) == len(labels):
        counts = f"{len(pictures)} pictures, {len(boxes)} sets of boxes, {len(labels)} of labels"
        raise DataError(counts, expected="as many of each")
    if not any(len(b) for b in boxes):
        raise DataError("no box to learn from", expected="at least one")
    for at, (found, classes) in enumerate(zip(boxes, labels, strict=True)):
        corners = np.asarray(found, dtype=np.float64).reshape(-1, 4)
        if not np.isfinite(corners).all() or (corners[:, 2:] <= corners[:, :2]).any():
            raise DataError(f"boxes {corners.tolist()} of picture {at}", expected="boxes with area")
        if len(classes) != len(corners) or not set(classes.tolist()) <= set(
            range(1, num_classes + 1)
        ):
            raise DataError(
                f"labels {classes.tolist()} of picture {at}",
                expected=f"one from 1 to {num_classes} for each of its {len(corners)} boxes",
            )


def _prepare(picture: Picture, boxes: Boxes, long_side: int) -> tuple[Picture, Boxes]:
    resized, sx, sy = resize_to_multiple(picture, long_side)
    return resized, np.asarray(boxes, np.float32) * np.array([sx, sy, sx, sy], np.float32)


def _batches(
    positive: list[int],
    negative: list[int],
    size: int,
    negatives: int,
    rng: np.random.Generator,
) -> Iterator[list[int]]:
    empty = min(negatives, size - 1) if negative else 0
    good, bad = _endless(positive, rng), _endless(negative, rng)
    while True:
        yield [next(good) for _ in range(size - empty)] + [next(bad) for _ in range(empty)]


def _endless(places: list[int], rng: np.random.Generator) -> Iterator[int]:
    while places:  # every picture once before any twice
        yield from rng.permutation(places).tolist()


def _augmented(
    picture: Picture, boxes: Boxes, labels: Labels, rng: np.random.Generator
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    if rng.random() < 0.5:
        picture = picture[:, ::-1]
        boxes = np.stack(
            [
                picture.shape[1] - boxes[:, 2],
                boxes[:, 1],
                picture.shape[1] - boxes[:, 0],
                boxes[:, 3],
            ],
            axis=1,
        )
    values = picture.astype(np.float32) / 255
    if rng.random() < _GREY_SHARE:
        values = np.repeat(values.mean(axis=2, keepdims=True), 3, axis=2)
    tensor = torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)))
    return tensor, {
        "boxes": torch.from_numpy(np.ascontiguousarray(boxes, dtype=np.float32)),
        "labels": torch.from_numpy(np.asarray(labels, dtype=np.int64)),
    }


@contextmanager
def _quiet_torch(seed: int, threads: int) -> Iterator[None]:
    """Seed torch and set its threads, and leave both as they were."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(before)
