"""Places in a text, counted as a request asks for it."""

from __future__ import annotations

import unicodedata

__all__ = ["INDEX_TYPES", "Offsets"]

#: As Azure names them; the first is its default.
INDEX_TYPES = ("TextElements_v8", "UnicodeCodePoint", "Utf16CodeUnit")
_JOINER = "\u200d"


class Offsets:
    """Turns a span of code points into offset and length of another count.

    Text elements are counted by their marks, joiners and variation selectors alone: flags and
    Hangul of several letters count as several.

    Examples
    --------
    >>> Offsets("e\u0301 \U0001f43e!", "TextElements_v8").of(3, 5)
    {'offset': 2, 'length': 2}
    >>> Offsets("e\u0301 \U0001f43e!", "Utf16CodeUnit").of(3, 5)
    {'offset': 3, 'length': 3}
    """

    def __init__(self, text: str, kind: str) -> None:
        self._places = [0]
        joined = False
        for letter in text:
            width = 1
            if kind == "Utf16CodeUnit":
                width = 2 if ord(letter) > 0xFFFF else 1
            elif kind == "TextElements_v8":
                marks = unicodedata.category(letter) in {"Mn", "Me", "Mc"} or letter == _JOINER
                width = 0 if marks or joined else 1
                joined = letter == _JOINER
            self._places.append(self._places[-1] + width)

    def of(self, start: int, end: int) -> dict[str, int]:
        """Offset and length of ``text[start:end]``."""
        return {"offset": self._places[start], "length": self._places[end] - self._places[start]}
