"""From sums over all positives to the looks of a CoLocalizerModel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from irbis.detect.gramian import Sums
from irbis.detect.heat import Look

__all__ = ["Component", "choose", "component", "heat_look"]


@dataclass(frozen=True)
class Component:
    """The first principal component of a layer's features, and how far to trust it.

    Parameters
    ----------
    look : Look
        Heat in standard deviations; its sign makes `correlation` positive.
    correlation : float
        With the classifier's heat, over all places of all positives.
    share : float
        Of the features' variance that lies along it.
    """

    look: Look
    correlation: float
    share: float

    def row(self, *, used: bool) -> dict[str, Any]:
        """What a report says of it."""
        return {
            "size": self.look.size,
            "layer": self.look.tensor,
            "correlation": self.correlation,
            "share": self.share,
            "used": used,
        }


def component(size: int, tensor: str, sums: Sums) -> Component:
    """Make the component of a layer at a size."""
    n, heat, heat2 = sums.numbers
    mean = sums.features / n
    values, vectors = np.linalg.eigh(sums.gramian / n - np.outer(mean, mean))
    vector = vectors[:, -1]
    spread = np.sqrt(max(values[-1], np.finfo(float).tiny))
    heat_spread = np.sqrt(max(heat2 / n - (heat / n) ** 2, np.finfo(float).tiny))
    along = vector @ (sums.with_heat / n - mean * (heat / n)) / (spread * heat_spread)
    # Of two equal signs the first is taken: eigenvectors have none of their own.
    scaled = (vector if along >= 0 else -vector) / spread
    look = Look(size, tensor, tuple(scaled.tolist()), -float(scaled @ mean))
    return Component(look, abs(float(along)), float(values[-1] / max(values.sum(), 1e-300)))


def heat_look(judge: Look, sums: Sums) -> Look:
    """The classifier's own look, divided by its standard deviation over the positives' places."""
    n, heat, heat2 = sums.numbers
    spread = float(np.sqrt(max(heat2 / n - (heat / n) ** 2, np.finfo(float).tiny)))
    weights = tuple(w / spread for w in judge.vector)
    return Look(judge.size, judge.tensor, weights, judge.offset / spread)


def choose(found: Sequence[Component], layers: Sequence[str], least: float) -> list[Component]:
    """Those whose meaning the classifier confirms; the deepest layer's, if it confirms none.

    A component of an early layer may be anything that varies most, such as light against dark:
    a layer whose component correlates with the classifier's heat by less than `least` is left out.
    The size at which it correlates most speaks for the layer: a look less at one size would weigh
    the sizes unequally.
    """
    strongest = {c.look.tensor: 0.0 for c in found}
    for c in found:
        strongest[c.look.tensor] = max(strongest[c.look.tensor], c.correlation)
    kept = [c for c in found if strongest[c.look.tensor] >= least]
    return kept or [c for c in found if c.look.tensor == layers[-1]]
