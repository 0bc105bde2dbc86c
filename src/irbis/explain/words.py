"""Words of a text, in any script, and the text without some of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["Span", "Words", "words"]

Span = tuple[int, int]
# Ideographs and kana are written without spaces: each is a word, as Unicode's rules (UAX 29) cut too.
_SINGLE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_SINGLE}]|[^\W{_SINGLE}]+(?:['\u2019.,](?<=\w.)(?=\w)[^\W{_SINGLE}]+)*")
_INNER = re.compile(r"[.,]")


def words(text: str) -> list[Span]:
    """Find the words: letters, digits and underscores with the marks on them, of any script.

    An apostrophe between letters and a point or comma between digits belong to the word. Chinese
    characters and kana are a word each.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of (int, int)
        Start and end of each word, in code points.

    Examples
    --------
    >>> text = "It's 3.14, naïve\u2026 猫です"
    >>> [text[a:b] for a, b in words(text)]
    ["It's", '3.14', 'naïve', '猫', 'で', 'す']
    """
    # Marks (vowel signs of Hindi, say) are no letters to `re`: a letter stands in for each.
    seen = text if text.isascii() else "".join(map(_unmarked, text))
    found: list[Span] = []
    for match in _WORD.finditer(seen):
        start = match.start()
        for inner in _INNER.finditer(match.group()):
            at = match.start() + inner.start()
            if not (seen[at - 1].isdecimal() and seen[at + 1].isdecimal()):
                found.append((start, at))
                start = at + 1
        found.append((start, match.end()))
    return found


def _unmarked(character: str) -> str:
    return "x" if unicodedata.category(character).startswith("M") else character


class Words:
    """A text, or a list of tokens, of which some can be left out.

    A word goes with the white space behind it, the last one with that before it too, so that what
    is left has no double spaces: a tokenizer would make empty words of them.

    Parameters
    ----------
    content : str or sequence of str
        A text, or its tokens.

    Examples
    --------
    >>> found = Words("A cat, a dog.")
    >>> found.names
    ['A', 'cat', 'a', 'dog']
    >>> found.without(np.array([True, False, True, True]))
    'A , a dog.'
    >>> found.without(np.array([False, True, False, True])), Words(["a", "b"]).without([True, False])
    ('cat, dog.', ['a'])
    """

    def __init__(self, content: str | Sequence[str]) -> None:
        self.content = content
        self.spans: list[Span] | None = None
        if isinstance(content, str):
            self.spans = words(content)
            self.names = [content[start:end] for start, end in self.spans]
            starts = [start for start, _ in self.spans]
            # Each word with what follows it; what stands before the first stays.
            ends = [*starts[1:], len(content)][: len(starts)]
            self._behind = [content[e:n] for (_, e), n in zip(self.spans, ends, strict=True)]
            self._before = content[: starts[0]] if starts else content
        else:
            self.names = list(content)

    def without(self, kept: npt.ArrayLike) -> str | list[str]:
        """Return the text, or the tokens, with only the words kept."""
        flags = np.asarray(kept, dtype=bool).tolist()
        if self.spans is None:
            return [name for name, keep in zip(self.names, flags, strict=True) if keep]
        if all(flags):
            return str(self.content)
        parts = [self._before]
        for name, behind, keep in zip(self.names, self._behind, flags, strict=True):
            parts.append(name + behind if keep else behind.lstrip())
        left = "".join(parts)
        return left if flags[-1] else left.rstrip()
