"""The loss of each step as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from irbis.extras import require

__all__ = ["plot_losses"]

_WINDOW = 10


def plot_losses(losses: Sequence[float], path: str | Path) -> None:
    """Draw losses, and their mean over ten steps.

    Parameters
    ----------
    losses : sequence of float
        Of each step: :attr:`irbis.FasterRCNN.losses`.
    path : str or Path
        PNG, SVG or PDF by its ending.

    Raises
    ------
    MissingExtraError
        Without the extra ``viz``.
    """
    require("matplotlib", extra="viz")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.2), layout="constrained")
    axes = figure.subplots()
    steps = np.arange(1, len(losses) + 1)
    axes.plot(steps, losses, color="0.75", linewidth=1, label="a step")
    window = min(_WINDOW, max(len(losses), 1))
    if len(losses):
        mean = np.convolve(losses, np.ones(window) / window, mode="valid")
        axes.plot(
            steps[window - 1 :], mean, color="#d95f02", linewidth=2, label=f"mean of {window}"
        )
    axes.set(xlabel="step", ylabel="loss", ylim=(0, None))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=120)
