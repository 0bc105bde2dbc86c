"""The Params by which chips are matched."""

from __future__ import annotations

from irbis.converters import one_of, optional, text, whole
from irbis.identify.ranking import Matching
from irbis.identify.scoring import SCORES
from irbis.params import HasParams, ParamField, param

__all__ = ["MatchesChips"]


class MatchesChips(HasParams):
    """Params of matching; :class:`irbis.HotSpotter` documents them."""

    score: ParamField[str] = param("what a match is worth", one_of(*SCORES), default="lnbnn")
    nameScore: ParamField[str] = param(
        "an individual's score: its best annotation's, or all their matches' sum",
        one_of("best", "sum"),
        default="best",
    )
    neighbours: ParamField[int] = param(
        "nearest descriptors that may match; one more is the background", whole(1, 50), default=4
    )
    probes: ParamField[int] = param(
        "cells of the index visited for a descriptor", whole(1), default=16
    )
    shortlist: ParamField[int] = param(
        "annotations that are verified in space", whole(1, 10000), default=50
    )
    annotationCol: ParamField[str | None] = param(
        "column of what a picture of an animal is called; None: a hash of its keypoints",
        optional(text),
        default=None,
    )
    eventCol: ParamField[str | None] = param(
        "column of events (bursts): pairs of one are no evidence; None: none are left out",
        optional(text),
        default=None,
    )
    stationCol: ParamField[str | None] = param(
        "column of stations: pairs of one are no evidence; None: none are left out",
        optional(text),
        default=None,
    )
    threads: ParamField[int] = param("threads of a search", whole(1, 256), default=1)

    def matching(self) -> Matching:
        """How chips are matched; see :class:`irbis.identify.ranking.Matching`."""
        return Matching(
            neighbours=self.value("neighbours"),
            probes=self.value("probes"),
            score=self.value("score"),
            names=self.value("nameScore"),
            shortlist=self.value("shortlist"),
        )
