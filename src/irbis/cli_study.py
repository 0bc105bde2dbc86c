"""The command ``irbis study``; like the others it imports nothing heavy before it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

__all__ = ["study"]


def study(
    out: Annotated[Path, typer.Option("--out", help="Folder for study.html and study.json.")],
    target: Annotated[
        Optional[str],
        typer.Argument(help='What it is about, such as "snow leopard". Default: the shipped cats.'),
    ] = None,
    images: Annotated[
        Optional[list[Path]], typer.Option(help="Folder that (mostly) shows it; repeatable.")
    ] = None,
    others: Annotated[
        Optional[list[Path]], typer.Option(help="Folder that does not; repeatable.")
    ] = None,
    frames: Annotated[int, typer.Option(help="Frames of each generated burst.", min=2)] = 5,
    seed: Annotated[int, typer.Option(help="Of bursts and intervals.", min=0)] = 0,
) -> None:
    """Measure what deep features, augmentation and ensembling each add to raw pixels."""
    from irbis.study.study import study as run
    from irbis.study.table import print_study

    print_study(run(target, images or (), others or (), out, frames=frames, seed=seed), out)
