"""The Params by which answers are given."""

from __future__ import annotations

from irbis.converters import flag, optional, text, whole
from irbis.params import ParamField, param
from irbis.stage import HasErrors

__all__ = ["GivesIndividuals"]


class GivesIndividuals(HasErrors):
    """Params of what comes out; :class:`irbis.HotSpotter` documents them."""

    nameCol: ParamField[str] = param(
        "column of individuals, of those who are known", text, default="individual"
    )
    outputCol: ParamField[str] = param("column of candidates", text, default="candidates")
    predictionCol: ParamField[str] = param(
        "column of the individual, or unknownLabel", text, default="prediction"
    )
    matchesCol: ParamField[str | None] = param(
        "column of matched points; None: not returned", optional(text), default="matches"
    )
    numCandidates: ParamField[int] = param(
        "candidates returned, the best", whole(1, 1000), default=5
    )
    unknownLabel: ParamField[str] = param(
        "what an animal is called that none of the known is", text, default="unknown"
    )
    excludeSelf: ParamField[bool] = param(
        "ask as if the row's own picture were not among the known", flag, default=False
    )
