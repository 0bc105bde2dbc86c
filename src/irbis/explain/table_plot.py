"""A row explained as a bar plot: a bar for each column, drawn as SVG."""

from __future__ import annotations

from html import escape
from unicodedata import east_asian_width

import numpy as np

from irbis.explain.page import PALETTE, colour, printable
from irbis.explain.table_explanation import TableExplanation

__all__ = ["explanation_plot"]

_WIDTH, _LABELS, _ROW, _TOP, _MARGIN = 760, 270, 28, 70, 24
_NUMBER = 72  # room for a weight beside its bar
_LETTERS = 34
_STYLE = """
svg{background:var(--paper)}
text{font:14px system-ui,sans-serif;fill:var(--ink)}
.title{font-size:19px;font-weight:600}.soft{fill:var(--soft);font-size:12px}
line{stroke:var(--line)}
"""


def explanation_plot(
    explanation: TableExplanation, at: int = 0, *, name: str | None = None, most: int = 20
) -> str:
    """Draw a bar for each column, the largest weight first: blue for the class, orange against it.

    Parameters
    ----------
    explanation : TableExplanation
    at : int, default 0
        Which of the explained classes.
    name : str, optional
        Of the class; default: its number.
    most : int, default 20, from 1
        Columns drawn; the caption says how many are not.

    Returns
    -------
    str
        An SVG image without scripts or anything from elsewhere; for light and dark screens.

    Examples
    --------
    >>> found = TableExplanation([1], np.array([0.9]), np.array([[2.0, -1.0]]), np.array([0.1]),
    ...     np.array([1.0]), 4, ["age", "town"], ["31", "A & B"])
    >>> "town = A &amp; B" in explanation_plot(found)
    True
    """
    name = printable(name if name is not None else f"class {explanation.classes[at]}")
    weights = explanation.weights[at]
    order = np.argsort(-np.abs(weights), kind="stable")[:most].tolist()
    largest = max(float(np.abs(weights).max(initial=0.0)), 1e-12)
    room = (_WIDTH - _LABELS - 2 * _MARGIN) / 2 - _NUMBER
    zero = _MARGIN + _LABELS + room + _NUMBER
    bottom = _TOP + _ROW * len(order)
    shapes = [
        _bar(
            f"{explanation.columns[i]} = {explanation.values[i] or 'missing'}"
            if explanation.values[i] != ""
            else f"{explanation.columns[i]} = ''",
            float(weights[i]),
            float(weights[i]) / largest,
            (zero, _TOP + _ROW * k, room),
        )
        for k, i in enumerate(order)
    ]
    left_out = len(weights) - len(order)
    caption = (
        f"blue speaks for {name}, orange against it; intercept "
        f"{float(explanation.intercept[at]):.3g}, r2 {float(explanation.r2[at]):.2f}, "
        f"{explanation.forwards} forwards" + (f"; {left_out} more columns" if left_out else "")
    )
    headline = escape(f"{name}: {float(explanation.scores[at]):.3g}")
    height = bottom + 52
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" role="img"><title>{headline}</title>'
        f"<style>{PALETTE}{_STYLE}</style>"
        f'<rect width="{_WIDTH}" height="{height}" style="fill:var(--paper)"/>'
        f'<text class="title" x="{_MARGIN}" y="40">{headline}</text>'
        f"{''.join(shapes)}"
        f'<line x1="{zero:g}" x2="{zero:g}" y1="{_TOP - 6}" y2="{bottom + 2}"/>'
        f'<text class="soft" x="{_MARGIN}" y="{bottom + 28}">{escape(caption)}</text></svg>\n'
    )


def _bar(label: str, weight: float, share: float, place: tuple[float, float, float]) -> str:
    zero, y, room = place
    length = abs(share) * room
    start = zero if share > 0 else zero - length
    end, anchor = (zero + length + 6, "start") if share > 0 else (zero - length - 6, "end")
    middle = y + _ROW / 2 + 5
    label = printable(label)
    shown = f"{weight:+.3g}" if abs(share) > 1e-9 else "0"  # what is left of rounding
    return (
        f'<text x="{_MARGIN + _LABELS - 10}" y="{middle:g}" text-anchor="end">'
        f"{escape(_short(label))}<title>{escape(label)}</title></text>"
        f'<rect x="{start:.1f}" y="{y + 4:g}" width="{length:.1f}" height="{_ROW - 8}" rx="2" '
        f'style="fill:{colour(1.0 if share > 0 else -1.0)}"/>'
        f'<text class="soft" x="{end:.1f}" y="{middle:g}" text-anchor="{anchor}">{shown}</text>'
    )


def _short(label: str) -> str:
    """The label as far as there is room; wide letters count twice."""
    room = _LETTERS
    for at, letter in enumerate(label):
        room -= 2 if east_asian_width(letter) in "WF" else 1
        if room < 0:
            return label[: at - 1] + "\u2026"
    return label
