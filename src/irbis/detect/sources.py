"""Where the main job's pseudo boxes come from, by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irbis.detect.boxes import BoxesFromWeights
from irbis.detect.cam_localizer import CamLocalizer
from irbis.detect.co_localizer import CoLocalizer
from irbis.detect.explaining import lime
from irbis.detect.plan import params_of
from irbis.errors import ParamError
from irbis.files import sha256_of

__all__ = ["SOURCES", "BoxSource", "box_source"]

SOURCES = {
    "colocalize": "what the pictures have in common (DDT), together with where the classifier looks",
    "cam": "where the classifier looks (class activation maps)",
    "lime": "what LIME finds the classifier's answer to depend on",
}


@dataclass(frozen=True)
class BoxSource:
    """A source, its stages still without the classifier.

    Parameters
    ----------
    name : str
        A key of :data:`SOURCES`.
    boxer : CoLocalizer, CamLocalizer or BoxesFromWeights
    explainer : ImageLIME
        Explains a few pictures for the report; with "lime" all.
    hints : Path, optional
        COCO file with boxes of a few pictures, which choose the rule.
    """

    name: str
    boxer: CoLocalizer | CamLocalizer | BoxesFromWeights
    explainer: Any
    hints: Path | None = None

    def settings(self) -> dict[str, Any]:
        """What its boxes depend on, as JSON values."""
        return {
            "source": self.name,
            **params_of(self.boxer),
            "lime": params_of(self.explainer) if self.name == "lime" else None,
            "hints": None if self.hints is None else sha256_of(self.hints),
        }


def box_source(
    name: str, rule: str | None, label: str, seed: int, hints: str | Path | None = None
) -> BoxSource:
    """Make a source.

    Parameters
    ----------
    name : str
        A key of :data:`SOURCES`.
    rule : str or None
        A rule of :mod:`irbis.detect.rules`, with its number or without: "otsu", "max=0.2". None:
        the source's own.
    label : str
    seed : int
        Of LIME's design.
    hints : str or Path, optional
        COCO file with boxes of a few training pictures.

    Raises
    ------
    ParamError
        If there is no such source or rule.
    """
    kinds: dict[str, Any] = {
        "colocalize": lambda **k: CoLocalizer(minLogit=None, maxObjects=MOST, **k),
        "cam": lambda **k: CamLocalizer(maxObjects=MOST, **k),
        "lime": BoxesFromWeights,
    }
    if name not in kinds:
        raise ParamError(f"boxes={name!r}", expected=f"one of {', '.join(SOURCES)}")
    if hints is not None and name == "lime":
        raise ParamError("calibrate with boxes='lime'", expected="'colocalize' or 'cam'")
    boxer = kinds[name](label=label, **parsed(rule))
    return BoxSource(name, boxer, lime(seed), None if hints is None else Path(hints))


#: Boxes of a picture that are trained on, at most.
MOST = 5


def parsed(rule: str | None) -> dict[str, Any]:
    """A rule and its number as Params.

    Examples
    --------
    >>> parsed("max=0.2"), parsed("otsu"), parsed(None)
    ({'rule': 'max', 'fraction': 0.2}, {'rule': 'otsu'}, {})
    """
    if rule is None:
        return {}
    name, mark, number = rule.partition("=")
    if not mark:
        return {"rule": name}
    try:
        return {"rule": name, "fraction": float(number)}
    except ValueError:
        raise ParamError(f"rule={rule!r}", expected="NAME or NAME=NUMBER") from None
