"""Sentiment by VADER (C. J. Hutto, E. Gilbert, ICWSM 2014): a lexicon and rules, English only."""

from __future__ import annotations

import math
import re
from typing import Any

from irbis.extras import require
from irbis.process_cache import cached
from irbis.services.local.text_index import Offsets

__all__ = ["analyse", "label_of", "sentences", "shares"]

_NEUTRAL = 0.05  # VADER's own border of its compound score
_SLOPE = 5.0  # how fast shares follow it; of no deeper meaning: they are not calibrated
_LABELS = ("positive", "neutral", "negative")


def analyse(text: str, _: str, offsets: Offsets) -> dict[str, Any]:
    """Sentiment of each sentence, and of the document by Azure's rule.

    Positive or negative sentences among neutral ones decide; both make it mixed. Opinions (targets
    and assessments) are not mined: the lists are empty.
    """
    module = require("vaderSentiment.vaderSentiment", extra="services-text")
    analyser = cached("vader", module.SentimentIntensityAnalyzer)
    rows, scores = [], []
    for start, end in sentences(text):
        compound = analyser.polarity_scores(text[start:end])["compound"]
        scores.append(shares(compound))
        rows.append(
            {
                "sentiment": label_of(compound),
                "confidenceScores": scores[-1],
                **offsets.of(start, end),
                "text": text[start:end],
                "targets": [],
                "assessments": [],
            }
        )
    means = {name: round(sum(s[name] for s in scores) / len(scores), 2) for name in _LABELS}
    found = {row["sentiment"] for row in rows} - {"neutral"}
    label = "mixed" if len(found) == 2 else next(iter(found), "neutral")
    return {"sentiment": label, "confidenceScores": means, "sentences": rows}


def label_of(compound: float) -> str:
    """VADER's label of its compound score."""
    if abs(compound) < _NEUTRAL:
        return "neutral"
    return "positive" if compound > 0 else "negative"


def shares(compound: float) -> dict[str, float]:
    """Three numbers that sum to one, the largest of them VADER's label.

    Examples
    --------
    >>> shares(0.0), max(shares(-0.6), key=shares(-0.6).get)
    ({'positive': 0.3, 'neutral': 0.39, 'negative': 0.3}, 'negative')
    """
    weights = [math.exp(_SLOPE * s) for s in (compound, _NEUTRAL, -compound)]
    return {n: round(w / sum(weights), 2) for n, w in zip(_LABELS, weights, strict=True)}


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences; they end where a full stop, or its like, and a space stand.

    Examples
    --------
    >>> sentences("It is 3.5 m long. Good!  ")
    [(0, 17), (18, 23)]
    """
    found = [
        m.span()
        for m in re.finditer(r"\S.*?(?:[.!?]+[\"')\u201d\u2019]*(?=\s|$)|$)", text, re.DOTALL)
    ]
    spans = [(start, start + len(text[start:end].rstrip())) for start, end in found]
    return [span for span in spans if span[1] > span[0]]
