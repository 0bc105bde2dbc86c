"""Words of any script, and texts without some of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis.explain.words import Words, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (" \t\n", []),
        ("?!\u2026", []),
        ("one", ["one"]),
        ("It's 3.14, e.g. 1,000.5!", ["It's", "3.14", "e", "g", "1,000.5"]),
        ("don\u2019t 'quote' x-y foo_bar", ["don\u2019t", "quote", "x", "y", "foo_bar"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("שָׁלוֹם עולם", ["שָׁלוֹם", "עולם"]),
        ("e\u0301te\u0301 naïve", ["e\u0301te\u0301", "naïve"]),
        ("東京tokyo です", ["東", "京", "tokyo", "で", "す"]),
        ("Привет,мир", ["Привет", "мир"]),
        ("a\U0001f98ab", ["a", "b"]),
    ],
)
def test_words(text, found):
    assert Words(text).names == found
    assert [text[a:b] for a, b in words(text)] == found


TEXTS = st.text(st.sampled_from("ab 1.,'\u2019\t\nेक猫é!<"), max_size=30)


@given(st.one_of(TEXTS, st.text(max_size=30)), st.integers(0, 2**32))
def test_leaving_words_out(text, seed):
    found = Words(text)
    ends = [0]
    for start, end in found.spans:
        assert ends[-1] <= start < end
        ends.append(end)
    count = len(found.names)
    assert found.without([True] * count) == text
    kept = np.random.default_rng(seed).random(count) < 0.5
    left = found.without(kept)
    # Nothing but whole words and white space goes, and the order stays.
    gone = [n for n, k in zip(found.names, kept, strict=True) if not k]
    squeezed = lambda s: "".join(s.split())
    assert len(squeezed(text)) - len(squeezed(left)) == len("".join(gone))
    if "  " not in text:
        assert "  " not in left
    if count and not kept.any():
        assert Words(left).names == [] or not text.isascii()


def test_tokens():
    found = Words(["a", "b", "a"])
    assert found.spans is None
    assert found.without([True, False, True]) == ["a", "a"]
