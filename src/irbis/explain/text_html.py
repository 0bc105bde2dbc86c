"""A text explained as a page: its words marked by their weights."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from irbis.explain.page import PALETTE, colour, printable
from irbis.explain.text_explanation import TextExplanation

__all__ = ["explanation_html"]

_STYLE = """
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,sans-serif}
main{max-width:46rem;margin:0 auto;padding:1.75rem}
h1{font-size:1.4rem;margin:0 0 1rem}
.text{white-space:pre-wrap;overflow-wrap:anywhere;margin:0 0 1.25rem}
mark{color:inherit;background:none;border-radius:.2em;padding:.05em .1em}
p.note{color:var(--soft);font-size:.85rem;margin:.25rem 0}
.key{display:inline-block;width:.8em;height:.8em;border-radius:.2em;margin:0 .4em 0 0}
.key+span{margin-right:1.2em}
"""


def explanation_html(
    content: str | Sequence[str],
    explanation: TextExplanation,
    at: int = 0,
    *,
    name: str | None = None,
) -> str:
    """Write a page of its own: the text with its words marked, blue for the class, orange against it.

    Parameters
    ----------
    content : str or sequence of str
        The text, or the tokens, that was explained.
    explanation : TextExplanation
    at : int, default 0
        Which of the explained classes.
    name : str, optional
        Of the class; default: its number.

    Returns
    -------
    str
        HTML without scripts or anything from elsewhere; for light and dark screens. A word's weight
        shows when the pointer rests on it.

    Examples
    --------
    >>> found = TextExplanation([1], np.array([0.9]), np.array([[2.0]]), np.array([0.1]),
    ...     np.array([1.0]), 4, ["<cat>"], None)
    >>> "&lt;cat&gt;</mark>" in explanation_html(["<cat>"], found)
    True
    """
    name = printable(name if name is not None else f"class {explanation.classes[at]}")
    weights = explanation.weights[at]
    largest = max(float(np.abs(weights).max(initial=0.0)), 1e-12)
    marks = [
        f'<mark style="background:{colour(w / largest)}" title="{w:+.3g}">{_escaped(word)}</mark>'
        for word, w in zip(explanation.words, weights.tolist(), strict=True)
    ]
    headline = f"{name}: {float(explanation.scores[at]):.3g}"
    caption = (
        f"{len(marks)} words, strongest weight {largest if marks else 0:.3g}, intercept "
        f"{float(explanation.intercept[at]):.3g}, r2 {float(explanation.r2[at]):.2f}, "
        f"{explanation.forwards} forwards"
    )
    return (
        '<!doctype html>\n<html><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(headline)}</title><style>{PALETTE}{_STYLE}</style></head><body><main>"
        f'<h1>{escape(headline)}</h1><div class="text" dir="auto">'
        f"{_marked(content, explanation, marks)}</div>"
        f'<p class="note"><i class="key" style="background:{colour(1)}"></i><span>speaks for '
        f'{escape(name)}</span><i class="key" style="background:{colour(-1)}"></i><span>speaks '
        f'against it</span></p><p class="note">{escape(caption)}</p></main></body></html>\n'
    )


def _escaped(text: str) -> str:
    return escape(printable(text))


def _marked(content: str | Sequence[str], explanation: TextExplanation, marks: list[str]) -> str:
    if not isinstance(content, str) or explanation.spans is None:
        return " ".join(marks)
    parts, at = [], 0
    for (start, end), mark in zip(explanation.spans, marks, strict=True):
        parts += [_escaped(content[at:start]), mark]
        at = end
    return "".join([*parts, _escaped(content[at:])])
