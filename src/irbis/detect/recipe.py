"""How a detector is trained: the numbers, in one place."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Recipe"]


@dataclass(frozen=True)
class Recipe:
    """Settings of a training; the Params of :class:`irbis.FasterRCNN` in short.

    Parameters
    ----------
    iterations : int, default 120
    batch_size : int, default 4
    negatives_per_batch : int, default 1
        Pictures without an object in each batch, if there are any.
    learning_rate : float, default 3e-4
    warmup : int, default 20
        Steps over which the learning rate rises.
    long_side : int, pixels, default 320
    scale_jitter : float, default 0
        A picture's long side is drawn from this share below `long_side` to this share above.
    grey_share : float, default 0.3
        Share of the pictures shown in grey: camera traps at night are.
    averaged : float, default 0.83
        Share of the steps, the last ones, whose weights are averaged; 0: the last weights.
    spare_far : bool, default False
        Regions that touch no box teach nothing, in pictures with a box.
    backbone : str, default "EfficientNetLite0"
    threads : int, default 1
    seed : int, default 0
    """

    iterations: int = 120
    batch_size: int = 4
    negatives_per_batch: int = 1
    learning_rate: float = 3e-4
    warmup: int = 20
    long_side: int = 320
    scale_jitter: float = 0.0
    grey_share: float = 0.3
    averaged: float = 0.83
    spare_far: bool = False
    backbone: str = "EfficientNetLite0"
    threads: int = 1
    seed: int = 0

    @property
    def average_from(self) -> int:
        """Step (from 0) after which weights are averaged."""
        return min(self.iterations - 1, round(self.iterations * (1 - self.averaged)))
