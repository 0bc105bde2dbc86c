"""The command ``irbis watch``; like the others it imports nothing heavy before it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

__all__ = ["watch"]


def watch(
    folder: Annotated[str, typer.Argument(help="Folder or URI that pictures come to.")],
    model: Annotated[Path, typer.Option(help="A saved detector, such as OUT/detector.")],
    title: Annotated[Optional[str], typer.Option(help="Of the page. Default: the folder.")] = None,
    checkpoint: Annotated[
        Optional[Path], typer.Option(help="Folder to go on from; without one, nothing is kept.")
    ] = None,
    results: Annotated[
        Optional[Path], typer.Option(help="Folder for the detections, as Parquet.")
    ] = None,
    push: Annotated[
        Optional[str],
        typer.Option(help="Push URL of Power BI, for each detection.", envvar="IRBIS_PUSH_URL"),
    ] = None,
    glob: Annotated[Optional[str], typer.Option(help="Of file names, such as 'RCNX*'.")] = None,
    zone: Annotated[str, typer.Option(help="Time zone of the cameras' clocks.")] = "UTC",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: any that is free.", min=0, max=65535)] = 8899,
    threshold: Annotated[
        float, typer.Option(help="Lowest score that counts and is shown.", min=0, max=1)
    ] = 0.5,
) -> None:
    """Watch a folder: detect in every picture that comes, and show it on a page.

    A bearer token for --push is taken from the environment variable IRBIS_PUSH_TOKEN.
    """
    from irbis.monitor.watch import watch as run

    run(
        folder,
        model,
        title=title,
        checkpoint=checkpoint,
        results=results,
        push=push,
        glob=glob,
        zone=zone,
        place=(host, port),
        threshold=threshold,
        say=lambda text: print(text, flush=True),
    )
