"""Where the main job's pseudo boxes come from, by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irbis.detect.box_file import BoxFile, boxes_from_file
from irbis.detect.boxes import BoxesFromWeights
from irbis.detect.cam_localizer import CamLocalizer
from irbis.detect.co_localizer import CoLocalizer
from irbis.detect.explaining import lime
from irbis.detect.plan import params_of
from irbis.errors import DataError, ParamError
from irbis.files import sha256_of

__all__ = ["SOURCES", "BoxSource", "box_source"]

SOURCES = {
    "colocalize": "what the pictures have in common (DDT), together with where the classifier looks",
    "cam": "where the classifier looks (class activation maps)",
    "lime": "what LIME finds the classifier's answer to depend on",
    "file": "a file that another program or a person wrote",
}


@dataclass(frozen=True)
class BoxSource:
    """A source, its stages still without the classifier.

    Parameters
    ----------
    name : str
        A key of :data:`SOURCES`.
    boxer : CoLocalizer, CamLocalizer, BoxesFromWeights or BoxFile
    explainer : ImageLIME
        Explains a few pictures for the report; with "lime" all.
    hints : Path, optional
        COCO file with boxes of a few pictures, which choose the rule.
    file : Path, optional
        With "file": MegaDetector's or COCO's.
    """

    name: str
    boxer: CoLocalizer | CamLocalizer | BoxesFromWeights | BoxFile
    explainer: Any
    hints: Path | None = None
    file: Path | None = None

    def settings(self) -> dict[str, Any]:
        """What its boxes depend on, as JSON values."""
        if isinstance(self.boxer, BoxFile):
            return {
                "source": self.name,
                "file": None if self.file is None else sha256_of(self.file),
                "categories": list(self.boxer.categories),
            }
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
        A key of :data:`SOURCES`, or the path of a file: MegaDetector's, whose "animal" is taken for
        the label, or COCO's, of whose categories it takes the one named like the label, else the
        only one.
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
    DataError
        If the file can't be read.
    """
    if name not in SOURCES and Path(name).suffix.lower() == ".json":
        if rule is not None or hints is not None:
            raise ParamError(f"a rule with boxes={name!r}", expected="no rule: the boxes are there")
        return BoxSource("file", _from_file(name, label), lime(seed), file=Path(name))
    kinds: dict[str, Any] = {
        "colocalize": lambda **k: CoLocalizer(maxObjects=MOST, **k),
        "cam": lambda **k: CamLocalizer(maxObjects=MOST, **k),
        "lime": BoxesFromWeights,
    }
    if name not in kinds:
        raise ParamError(
            f"boxes={name!r}", expected=f"one of {', '.join(kinds)}, or the path of a .json file"
        )
    if hints is not None and name == "lime":
        raise ParamError("calibrate with boxes='lime'", expected="'colocalize' or 'cam'")
    boxer = kinds[name](label=label, **parsed(rule))
    return BoxSource(name, boxer, lime(seed), None if hints is None else Path(hints))


def _from_file(path: str, label: str) -> BoxFile:
    try:
        return boxes_from_file(path, [label])
    except DataError:
        return boxes_from_file(path)


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
