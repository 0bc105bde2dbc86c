"""The demo: the main job on the pictures that ship with irbis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from irbis.detect.discover import discover
from irbis.detect.summary import print_summary
from irbis.samples import PETS

__all__ = ["demo"]

_CREDITS = (
    "Oxford-IIIT Pet Dataset (O. M. Parkhi, A. Vedaldi, A. Zisserman, C. V. Jawahar, CVPR 2012), "
    "reduced; CC BY-SA 4.0, https://creativecommons.org/licenses/by-sa/4.0/. Human boxes from its "
    "trimaps. A central box has IoU >= 0.5 on most of these pictures: look at 0.7 too."
)


def demo(
    out: str | Path,
    *,
    iterations: int = 120,
    seed: int = 0,
    fresh: bool = False,
    show: bool = True,
) -> dict[str, Any]:
    """Discover "cat" among the shipped pets and print the results.

    Parameters
    ----------
    out : str or Path
        Folder for the results.
    iterations : int, default 120
        Training steps of the detector.
    seed : int, default 0
    fresh : bool, default False
        Use nothing that an earlier run left in `out`.
    show : bool, default True
        Progress bars.
    """
    report = discover(
        "cat",
        [PETS / "cats"],
        [PETS / "dogs"],
        out,
        truth=PETS / "annotations.json",
        iterations=iterations,
        seed=seed,
        fresh=fresh,
        show=show,
        attribution=_CREDITS,
    )
    print_summary(report, out)
    return report
