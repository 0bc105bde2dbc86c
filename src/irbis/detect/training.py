"""Training the Faster R-CNN: few steps, small batches, repeatable. Imports torch: import it late."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from irbis.detect.augmenting import augmented, shrunk
from irbis.detect.checkpoint import Checkpoint
from irbis.detect.examples import Example, Order, check
from irbis.detect.network import build
from irbis.detect.peers import Peers
from irbis.detect.recipe import Recipe
from irbis.errors import DataError

__all__ = ["train"]

_CLIP = 5.0
_DECAY = 3


def train(
    examples: Sequence[Example],
    *,
    num_classes: int,
    recipe: Recipe | None = None,
    progress: Callable[[int, int, float], None] | None = None,
    checkpoint: Checkpoint | None = None,
    peers: Peers | None = None,
) -> nn.Module:
    """Train on pictures with boxes; a picture without one is a negative.

    Weights are averaged over the steps, late ones counting more (Shamir and Zhang, 2013,
    polynomial-decay averaging): with few steps on noisy boxes a single step's weights are a draw.
    BatchNorm is frozen, so an average needs no more.

    Parameters
    ----------
    examples : sequence of Example
    num_classes : int, from 1
    recipe : Recipe, optional
    progress : callable, optional
        Called with (step, steps, loss); also for the steps that a checkpoint holds.
    checkpoint : Checkpoint, optional
        Where to go on from, and to keep how far it came.
    peers : Peers, optional
        Processes that train together, each on its pictures of every batch.

    Returns
    -------
    torch.nn.Module
        In eval mode. The same input, recipe and number of peers give the same network, whether it
        was interrupted or not.

    Raises
    ------
    DataError
        If an example can't be learned from, or the loss stops being a number.
    """
    recipe, peers = recipe or Recipe(), peers or Peers()
    report = progress or (lambda _step, _steps, _loss: None)
    check(examples, num_classes)
    ready = [shrunk(example, recipe) for example in examples]
    order = Order(
        [i for i, e in enumerate(ready) if len(e.boxes)],
        [i for i, e in enumerate(ready) if not len(e.boxes)],
        size=recipe.batch_size,
        negatives=recipe.negatives_per_batch,
        seed=recipe.seed,
    )
    with _quiet_torch(recipe.seed, recipe.threads):
        model = build(num_classes, backbone=recipe.backbone).train()
        learned = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(learned, lr=recipe.learning_rate)
        average = AveragedModel(model, avg_fn=_late)
        parts = {"model": model, "average": average, "optimizer": optimizer}
        losses = checkpoint.restore(parts) if checkpoint is not None else []
        for step, seen in enumerate(losses):
            report(step + 1, recipe.iterations, seen)
        for step in range(len(losses), recipe.iterations):
            for group in optimizer.param_groups:
                rise = min(1.0, (step + 1) / max(recipe.warmup, 1))
                group["lr"] = recipe.learning_rate * rise
            # Every step's chance is its own, and every picture's: a run can go on from anywhere,
            # and processes show the pictures that one would.
            torch.manual_seed(_number(recipe.seed, step, peers.rank))
            chosen = [
                augmented(ready[i], recipe, np.random.default_rng([recipe.seed, step, place]))
                for place, i in peers.mine([*enumerate(order.batch(step))])
            ]
            parted = model([c[0] for c in chosen], [c[1] for c in chosen])
            loss = sum(parted.values(), torch.zeros(()))
            seen = peers.mean(float(loss.detach()))  # the same number, or none, for every peer
            if not np.isfinite(seen):
                raise DataError(
                    f"loss {seen} at step {step + 1}",
                    expected="a number",
                    do="lower the learning rate",
                )
            optimizer.zero_grad()
            loss.backward()
            peers.average(learned)
            nn.utils.clip_grad_norm_(learned, _CLIP)
            optimizer.step()
            if step >= recipe.average_from:
                average.update_parameters(model)
            losses.append(seen)
            report(step + 1, recipe.iterations, seen)
            if checkpoint is not None and peers.rank == 0:
                checkpoint.keep(losses, parts)
    return average.module.eval()


def _late(average: torch.Tensor, value: torch.Tensor, count: torch.Tensor | int) -> torch.Tensor:
    """Next average after `count` values: the k-th has a weight like k to the third."""
    return average + (value - average) * ((_DECAY + 1) / (count + 1 + _DECAY))


def _number(*parts: int) -> int:
    return int(np.random.SeedSequence(parts).generate_state(1)[0])


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
