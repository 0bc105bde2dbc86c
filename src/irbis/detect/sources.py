"""Where the main job's pseudo boxes come from, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from irbis.detect.boxes import BoxesFromWeights
from irbis.detect.cam_localizer import CamLocalizer
from irbis.detect.co_localizer import CoLocalizer
from irbis.detect.explaining import lime
from irbis.detect.plan import params_of
from irbis.errors import ParamError

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
    """

    name: str
    boxer: CoLocalizer | CamLocalizer | BoxesFromWeights
    explainer: Any

    @property
    def rule(self) -> str:
        """Name of the rule."""
        return str(self.boxer.value("rule"))

    def settings(self) -> dict[str, Any]:
        """What its boxes depend on, as JSON values."""
        explained = params_of(self.explainer) if self.name == "lime" else None
        return {"source": self.name, **params_of(self.boxer), "lime": explained}


def box_source(name: str, rule: str | None, label: str, seed: int) -> BoxSource:
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
    return BoxSource(name, kinds[name](label=label, **parsed(rule)), lime(seed))


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
