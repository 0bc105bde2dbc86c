"""Spark ML's CountVectorizerModel on Arrow batches."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import pyarrow as pa

from irbis.adapters.adapter import Adapter
from irbis.adapters.sparse import counted
from irbis.adapters.word_lists import check_words
from irbis.schema import VECTOR, column, put

__all__ = ["CountVectorizerAdapter"]


@dataclass(frozen=True)
class CountVectorizerAdapter(Adapter):
    """Counts the words of a vocabulary; null gives null, where Spark fails the job. Sparse."""

    source: str
    target: str
    vocabulary: tuple[str, ...]
    min_tf: float  # from 1 on a count, below a share of the words
    binary: bool

    #: Its vectors would leave Python dense: with Spark at hand it stays there.
    stays_in_jvm: ClassVar[bool] = True

    @classmethod
    def of(cls, model: Any) -> CountVectorizerAdapter:
        """Read a fitted pyspark.ml.feature.CountVectorizerModel."""
        words = tuple(model.vocabulary)
        told = (model.getMinTF(), model.getBinary())
        return cls(model.getInputCol(), model.getOutputCol(), words, *told)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {word: at for at, word in enumerate(self.vocabulary)}

    def input_columns(self) -> list[str]:
        """The words."""
        return [self.source]

    def output_columns(self) -> list[str]:
        """The vectors."""
        return [self.target]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A vector."""
        check_words(schema, self.source, "CountVectorizerModel")
        return [pa.field(self.target, VECTOR)]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Count the words of a batch."""
        rows = [self._counts(words) for words in column(batch, self.source).to_pylist()]
        return put(batch, self.target, counted(rows, len(self.vocabulary)))

    def _counts(self, words: list[str | None] | None) -> dict[int, float] | None:
        if words is None:
            return None
        places = self._places
        found = Counter(places[word] for word in words if word in places)
        least = self.min_tf if self.min_tf >= 1 else self.min_tf * len(words)
        return {at: 1.0 if self.binary else float(n) for at, n in found.items() if n >= least}
