"""Spark ML's StopWordsRemover on Arrow batches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from irbis.adapters.word_lists import WordsAdapter

__all__ = ["StopWordsRemoverAdapter"]

# Locales whose lower case is the same as everywhere.
_ODD = ("tr", "az", "lt")


@dataclass(frozen=True)
class StopWordsRemoverAdapter(WordsAdapter):
    """Leaves out words of a list; a null word stays."""

    stop_words: tuple[str, ...]
    case_sensitive: bool

    @classmethod
    def of(cls, model: Any) -> StopWordsRemoverAdapter | None:
        """Read a pyspark.ml.feature.StopWordsRemover; None for several columns, or Turkish rules."""
        sensitive = model.getCaseSensitive()
        if model.isSet("inputCols") or (not sensitive and model.getLocale()[:2] in _ODD):
            return None
        words = tuple(model.getStopWords())
        return cls(model.getInputCol(), model.getOutputCol(), words, sensitive)

    @cached_property
    def _known(self) -> frozenset[str]:
        words = self.stop_words if self.case_sensitive else (w.lower() for w in self.stop_words)
        return frozenset(words)

    def words(self, value: list[str | None]) -> list[str | None]:
        """Leave words out."""
        known, same = self._known, self.case_sensitive
        return [w for w in value if w is None or (w if same else w.lower()) not in known]
