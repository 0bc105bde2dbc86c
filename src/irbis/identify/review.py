"""MatchReview: a page on which a person confirms or refuses candidates, and saves what they said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from irbis import __version__
from irbis.extras import require

__all__ = ["MatchReview", "Reviewed", "ReviewedCandidate"]


@dataclass(frozen=True)
class ReviewedCandidate:
    """A candidate as it is shown.

    Parameters
    ----------
    name, annotation : str
    score, probability : float
    inliers : int
    picture : str
        Data URI of the two chips side by side.
    """

    name: str
    annotation: str
    score: float
    probability: float
    inliers: int
    picture: str


@dataclass(frozen=True)
class Reviewed:
    """A query as it is shown.

    Parameters
    ----------
    query : str
        What the query is called.
    prediction : str or None
        None where its row failed.
    error : str or None
    candidates : sequence of ReviewedCandidate
    margin : float or None
        Inliers of the first candidate for one of the second; None without two.
    """

    query: str
    prediction: str | None
    error: str | None
    candidates: Sequence[ReviewedCandidate]
    margin: float | None


@dataclass(frozen=True)
class MatchReview:
    """A page with queries and their candidates.

    It needs no server and no network: decisions are kept in the browser, and saved as CSV with the
    columns query, individual, annotation, decision ("same", "different" or "unsure"), score,
    probability and inliers. :func:`irbis.identify.decisions.confirmed` reads that file.

    Parameters
    ----------
    queries : sequence of Reviewed
    individuals, annotations : int
        Of the known set.
    threshold : float
    threshold_source : str
    unknown : str
        What an unknown animal is called.
    """

    queries: Sequence[Reviewed]
    individuals: int
    annotations: int
    threshold: float
    threshold_source: str
    unknown: str = "unknown"

    def render(self) -> str:
        """Make the page.

        Raises
        ------
        MissingExtraError
            Without the extra ``viz``.
        """
        jinja2 = require("jinja2", extra="viz")
        source = files("irbis.identify").joinpath("review.html.j2").read_text(encoding="utf-8")
        environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
        named = [q for q in self.queries if q.prediction not in {None, self.unknown}]
        return str(
            environment.from_string(source).render(
                version=__version__,
                review=self,
                named=len(named),
                strangers=sum(q.prediction == self.unknown for q in self.queries),
                failed=[q for q in self.queries if q.error is not None],
            )
        )
