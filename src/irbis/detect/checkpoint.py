"""A training that can go on where it was killed. Imports torch: import it late."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from irbis import __version__
from irbis.detect.examples import Example
from irbis.detect.recipe import Recipe

__all__ = ["Checkpoint", "key_of"]


class Checkpoint:
    """State of a training in one file.

    Parameters
    ----------
    path : Path
        Written to the side and renamed: it is whole or absent.
    key : str
        What the training depends on; a state with another key is not gone on with.
    every : int, default 20
        Steps between two states.
    """

    def __init__(self, path: Path, key: str, every: int = 20) -> None:
        self.path, self.key, self.every = path, key, every

    def restore(self, parts: Mapping[str, Any]) -> list[float]:
        """Load what is there; returns the loss of each step that was done."""
        if not self.path.exists():
            return []
        state = torch.load(self.path, weights_only=True)
        if state["key"] != self.key:
            return []
        for name, part in parts.items():
            part.load_state_dict(state[name])
        return list(state["losses"])

    def keep(self, losses: Sequence[float], parts: Mapping[str, Any]) -> None:
        """Write the state after as many steps as there are losses, if it is time."""
        if len(losses) % self.every:
            return
        state = {name: part.state_dict() for name, part in parts.items()}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".part")
        torch.save({"key": self.key, "losses": list(losses), **state}, beside)
        beside.replace(self.path)


def key_of(examples: Sequence[Example], recipe: Recipe) -> str:
    """What a training depends on: pictures, boxes, recipe, irbis's version."""
    found = hashlib.sha256(repr((__version__, recipe)).encode())
    for example in examples:
        parts = (example.picture, example.boxes, example.labels, example.weights, example.ignore)
        for part in parts:
            found.update(b"none" if part is None else repr(part.shape).encode() + part.tobytes())
    return found.hexdigest()
