"""The Params by which chips are matched."""

from __future__ import annotations

import pyarrow as pa

from irbis.converters import one_of, optional, text, whole
from irbis.errors import SchemaError
from irbis.identify.ranking import Matching
from irbis.identify.scoring import SCORES
from irbis.params import HasParams, ParamField, param
from irbis.schema import field_of

__all__ = ["MatchesChips", "named_field"]


def named_field(schema: pa.Schema, name: str, *, reader: str) -> None:
    """Check a column whose values are names: of individuals, pictures, events or stations.

    Raises
    ------
    SchemaError
        If it is missing, or not of text or whole numbers: what else there is (times, fractions) is
        written in more than one way, and names that differ by that would never meet.
    """
    found = field_of(schema, name, reader=reader)
    kind = found.type.value_type if pa.types.is_dictionary(found.type) else found.type
    if not (
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind)
    ):
        raise SchemaError(
            f"{name}: {found.type}", expected="text or whole numbers", do="cast it to string"
        )


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
