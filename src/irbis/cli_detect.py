"""The command ``irbis detect``; like the others it imports nothing heavy before it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

__all__ = ["Fresh", "detect"]

Fresh = Annotated[bool, typer.Option("--fresh", help="Use nothing that an earlier run left there.")]


def detect(
    detector: Annotated[Path, typer.Argument(help="A saved detector, such as OUT/detector.")],
    pictures: Annotated[
        str,
        typer.Argument(help="Folder of pictures, Parquet table of path and image, or table:NAME."),
    ],
    out: Annotated[
        str, typer.Option("--out", help="MegaDetector file (.json), else a Parquet table.")
    ],
    annotated: Annotated[
        Optional[Path], typer.Option(help="Folder for the pictures with boxes drawn.")
    ] = None,
    threshold: Annotated[
        float, typer.Option(help="Lowest score that counts and is drawn.", min=0, max=1)
    ] = 0.5,
    fresh: Fresh = False,
) -> None:
    """Find objects in pictures; a run that died is gone on with."""
    from irbis.detect.apply import detect_pictures

    detect_pictures(detector, pictures, out, annotated=annotated, threshold=threshold, fresh=fresh)
