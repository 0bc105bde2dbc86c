"""Spark ML's Tokenizer and RegexTokenizer on Arrow batches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from irbis.adapters.word_lists import WordsAdapter

__all__ = ["RegexTokenizerAdapter", "TokenizerAdapter", "split_like_java"]

_SPACE = re.compile(r"\s", re.ASCII)  # Java's \s
# Patterns that mean the same in Java and in Python: classes, letters and digits, and + behind them.
_CLASS = r"\[\^?(?:a-z|A-Z|0-9|[A-Za-z0-9_ ,;:])+\]"
_PLAIN = re.compile(rf"(?:(?:\\[sSwWdD]|{_CLASS}|[A-Za-z0-9_ ,;:-])\+?)+")


@dataclass(frozen=True)
class TokenizerAdapter(WordsAdapter):
    """Lower case, cut at each white space of ASCII; two spaces make an empty word, as in Spark."""

    reads_text: ClassVar[bool] = True

    @classmethod
    def of(cls, model: Any) -> TokenizerAdapter:
        """Read a pyspark.ml.feature.Tokenizer."""
        return cls(model.getInputCol(), model.getOutputCol())

    def words(self, value: str) -> list[str | None]:
        """Cut a text."""
        return list(split_like_java(_SPACE, value.lower()))


@dataclass(frozen=True)
class RegexTokenizerAdapter(WordsAdapter):
    r"""Cuts a text at matches of a pattern, or takes the matches.

    Only for patterns that surely mean the same in Java and in Python, such as ``\s+``, ``\W`` and
    ``[^a-z]+``.
    """

    pattern: str
    gaps: bool
    least: int
    lower: bool

    reads_text: ClassVar[bool] = True

    @classmethod
    def of(cls, model: Any) -> RegexTokenizerAdapter | None:
        """Read a pyspark.ml.feature.RegexTokenizer; None for a pattern that is left to Spark."""
        pattern = model.getPattern()
        if not _PLAIN.fullmatch(pattern):
            return None
        told = (model.getGaps(), model.getMinTokenLength(), model.getToLowercase())
        return cls(model.getInputCol(), model.getOutputCol(), pattern, *told)

    def words(self, value: str) -> list[str | None]:
        """Cut a text."""
        pattern = re.compile(self.pattern, re.ASCII)  # re keeps what it has compiled
        text = value.lower() if self.lower else value
        found = split_like_java(pattern, text) if self.gaps else pattern.findall(text)
        return [word for word in found if _length(word) >= self.least]


def split_like_java(pattern: re.Pattern[str], text: str) -> list[str]:
    """Cut a text as Java's String.split does: empty words at the end are left out.

    Examples
    --------
    >>> [split_like_java(_SPACE, text) for text in (" a  b ", "", " ")]
    [['', 'a', '', 'b'], [''], []]
    """
    found = pattern.split(text)
    if len(found) == 1:
        return found
    while found and not found[-1]:
        found.pop()
    return found


def _length(word: str) -> int:
    return len(word.encode("utf-16-le")) // 2  # Java counts units of UTF-16
