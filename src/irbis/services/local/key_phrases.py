"""Key phrases by YAKE (R. Campos and others, Information Sciences 509, 2020): no training, any text.

YAKE is under the GPL: it has an extra of its own, and nothing else of irbis needs it.
"""

from __future__ import annotations

from typing import Any

from irbis.extras import require
from irbis.process_cache import cached
from irbis.services.local.text_index import Offsets

__all__ = ["analyse"]

_WORDS = 3  # a phrase has at most
_MOST = 20


def analyse(text: str, language: str, _: Offsets) -> dict[str, Any]:
    """Phrases, the most important first."""
    yake = require("yake", extra="services-keyphrases")
    code = language.partition("-")[0].lower()
    extractor = cached(("yake", code), lambda: yake.KeywordExtractor(lan=code, n=_WORDS, top=_MOST))
    return {"keyPhrases": [phrase for phrase, _ in extractor.extract_keywords(text)]}
