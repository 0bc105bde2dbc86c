"""What each step of a discovery depends on: the table from which its key follows.

A key is a sha256 over the step's name and format, irbis's version, the settings it reads, the
pictures it reads (their content, label and side, never their path) and the keys of the steps before
it. So a step is run again exactly if something changes that it depends on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from irbis import __version__
from irbis.detect.store import digest

__all__ = ["PLAN", "Planned", "Shot", "fingerprint_key", "keys", "params_of"]

#: Content (sha256), label and side (True: held out) of a picture.
Shot = tuple[str, float, bool]


@dataclass(frozen=True)
class Planned:
    """A step.

    Parameters
    ----------
    name : str
    after : tuple of str
        Steps whose results it reads.
    label, held_out : optional
        Which pictures it reads: those with this label, on this side; None: any.
    pictures : bool, default True
        False: it reads none itself.
    settings : tuple of str
        Names of the settings it reads.
    format : int, default 1
        Raised when the step does, or writes, something else.
    """

    name: str
    after: tuple[str, ...] = ()
    label: float | None = None
    held_out: bool | None = None
    pictures: bool = True
    settings: tuple[str, ...] = ()
    format: int = 1

    def reads(self, shots: Iterable[Shot]) -> list[Shot]:
        """Those of the pictures that it reads, in an order that paths have no part in."""
        wanted = (
            (sha, label, side)
            for sha, label, side in shots
            if self.label in (None, label) and self.held_out in (None, side)
        )
        return sorted(wanted) if self.pictures else []


PLAN = (
    Planned("features", held_out=False, settings=("network",)),
    Planned("held-out features", held_out=True, settings=("network",)),
    Planned("classifier", after=("features",), held_out=False),
    Planned("answers", after=("classifier", "held-out features"), held_out=True),
    Planned("shuffled labels", after=("features", "held-out features"), settings=("seed",)),
    Planned("grey pixels"),
    Planned("cross-validation", after=("features",), held_out=False),
    Planned(
        "explanations",
        after=("classifier",),
        label=1.0,
        held_out=False,
        settings=("lime", "explained"),
    ),
    Planned(
        "held-out explanations",
        after=("classifier",),
        label=1.0,
        held_out=True,
        settings=("lime", "explained"),
    ),
    Planned(
        "localizer",
        after=("features", "classifier", "cross-validation"),
        held_out=False,
        settings=("boxes",),
    ),
    Planned("boxes", after=("localizer",), label=1.0, held_out=False, settings=("boxes",)),
    Planned("held-out boxes", after=("localizer",), label=1.0, held_out=True, settings=("boxes",)),
    Planned("detector", after=("boxes", "cross-validation"), held_out=False, settings=("trainer",)),
    # "everything": all pictures there are, of which the others may learn from a sample.
    Planned("detections", after=("detector",), settings=("everything",), format=2),
    # It reads what the first finds in the pictures that teach: that follows from the first.
    Planned("second detector", after=("detector",), held_out=False, settings=("trainer",)),
    Planned("second detections", after=("second detector",), settings=("everything",), format=2),
)


def keys(shots: Iterable[Shot], settings: Mapping[str, Any]) -> dict[str, str]:
    """Key of every step.

    Parameters
    ----------
    shots : iterable of Shot
        All good pictures.
    settings : mapping
        What the user chose, as JSON values, by the names in :data:`PLAN`.
    """
    shots = list(shots)
    found: dict[str, str] = {}
    for step in PLAN:
        found[step.name] = digest(
            step=step.name,
            format=step.format,
            irbis=__version__,
            settings={name: settings[name] for name in step.settings},
            pictures=step.reads(shots),
            after=[found[name] for name in step.after],
        )
    return found


def fingerprint_key(contents: Iterable[str]) -> str:
    """Key of the first step, which the sides of the pictures follow from."""
    return digest(step="fingerprints", format=1, irbis=__version__, pictures=sorted(set(contents)))


def params_of(stage: Any, *without: str) -> dict[str, Any]:
    """Params of a stage as JSON values, defaults included: what its result depends on."""
    return {
        p.name: stage.getOrDefault(p)
        for p in stage.params
        if p.name not in without and stage.isDefined(p)
    }
