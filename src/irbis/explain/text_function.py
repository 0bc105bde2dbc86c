"""Texts explained inside one function: words are left out, the model is asked 256 texts at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.explain.answers import Answers
from irbis.explain.engine import LimeEngine, ShapEngine, nothing_to_weigh
from irbis.explain.row_errors import ExplanationError, explained
from irbis.explain.sampling import Design
from irbis.explain.text_explanation import TEXT_EXPLANATION, TextExplanation
from irbis.explain.words import Words
from irbis.schema import column, put

__all__ = ["MOST_WORDS", "TextFunction", "TextList"]

CHUNK = 256
MOST_WORDS = 4096


@dataclass(frozen=True)
class TextList:
    """What a Python function is shown: the texts, or the lists of tokens."""

    source: str

    def __call__(self, batch: pa.RecordBatch) -> list[Any]:
        """List them."""
        return list(column(batch, self.source).to_pylist())


@dataclass(frozen=True)
class TextFunction:
    """Explains each text of a batch on its own."""

    source: str
    target: str
    error: str | None
    reads: tuple[str, ...]  # columns the model reads
    answers: Answers
    engine: LimeEngine | ShapEngine

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Explain a batch."""
        texts = column(batch, self.source)
        names = [c for c in self.reads if c in batch.schema.names]
        known = put(batch.select(names), self.source, texts)
        return explained(
            batch,
            lambda row: self.explain(texts[row].as_py(), known.slice(row, 1)).to_row(),
            pa.field(self.target, TEXT_EXPLANATION),
            self.error,
        )

    def explain(self, content: Any, row: pa.RecordBatch | None = None) -> TextExplanation:
        """Explain a text, or a list of tokens; `row` has what else the model reads of it."""
        found, ask = self.masked(content, row)
        parts = len(found.names)
        scale = self.answers.on_scale
        answered = self.engine(parts, ask, scale) if parts else nothing_to_weigh(ask, scale)
        return TextExplanation.of(self.answers.classes, answered, found.names, found.spans)

    def masked(self, content: Any, row: pa.RecordBatch | None = None) -> tuple[Words, _Masked]:
        """Words of a text, and the model as a function of which are kept; also for judging."""
        if content is None:
            raise ExplanationError("null", "no text: the cell is null")
        if not isinstance(content, str) and None in content:
            raise ExplanationError("null", "a token is null")
        found = Words(content)
        if len(found.names) > MOST_WORDS:
            raise ExplanationError("words", f"{len(found.names)} words, at most {MOST_WORDS}")
        if row is None:
            type_ = pa.string() if isinstance(content, str) else pa.list_(pa.string())
            row = pa.RecordBatch.from_arrays([pa.array([content], type_)], names=[self.source])
        return found, _Masked(found, row, self.source, self.answers)


@dataclass(frozen=True)
class _Masked:
    """Scores a text under any number of masks."""

    words: Words
    row: pa.RecordBatch
    source: str
    answers: Answers

    def __call__(self, kept: Design) -> npt.NDArray[np.float64]:
        """Answers, shape (n, classes), for words kept, shape (n, words)."""
        parts = np.split(kept, range(CHUNK, len(kept), CHUNK))
        return np.concatenate([self._chunk(part) for part in parts])

    def _chunk(self, kept: Design) -> npt.NDArray[np.float64]:
        texts = pa.array([self.words.without(k) for k in kept], type=self._type())
        copies = self.row.take(pa.array(np.zeros(len(kept), dtype=np.int64)))
        return self.answers.of(put(copies, self.source, texts))

    def _type(self) -> pa.DataType:
        return column(self.row, self.source).type
