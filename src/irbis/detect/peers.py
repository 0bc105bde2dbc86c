"""Processes that train one network together. Imports torch: import it late."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import distributed, nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

__all__ = ["Peers"]

T = TypeVar("T")


class Peers:
    """Who takes part, and what they share after a step. Alone by default.

    Parameters
    ----------
    rank : int, default 0
    count : int, default 1
        With more than one, ``torch.distributed`` must have been started.
    """

    def __init__(self, rank: int = 0, count: int = 1) -> None:
        self.rank, self.count = rank, count

    def mine(self, batch: Sequence[T]) -> Sequence[T]:
        """Pictures of a batch that this process sees."""
        return batch[self.rank :: self.count]

    def average(self, learned: list[nn.Parameter]) -> None:
        """Give every process the mean of all gradients."""
        if self.count == 1:
            return
        gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in learned]
        joined = parameters_to_vector(gradients)
        distributed.all_reduce(joined)
        vector_to_parameters(joined / self.count, gradients)
        for parameter, gradient in zip(learned, gradients, strict=True):
            parameter.grad = gradient

    def mean(self, value: float) -> float:
        """Mean of a number over the processes."""
        if self.count == 1:
            return value
        held = torch.tensor([value], dtype=torch.float64)
        distributed.all_reduce(held)
        return float(held) / self.count
