"""Spark ML's NGram on Arrow batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from irbis.adapters.word_lists import WordsAdapter

__all__ = ["NGramAdapter"]


@dataclass(frozen=True)
class NGramAdapter(WordsAdapter):
    """Joins each n words in a row with spaces; a null among them reads "null", as in Spark."""

    n: int

    @classmethod
    def of(cls, model: Any) -> NGramAdapter:
        """Read a pyspark.ml.feature.NGram."""
        return cls(model.getInputCol(), model.getOutputCol(), model.getN())

    def words(self, value: list[str | None]) -> list[str | None]:
        """Join."""
        said = ["null" if word is None else word for word in value]
        return [" ".join(said[i : i + self.n]) for i in range(len(said) - self.n + 1)]
