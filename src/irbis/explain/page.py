"""What drawings of explanations have in common: colours of weights, for light and dark screens."""

from __future__ import annotations

import re

from irbis.explain.overlay import AGAINST, FOR

__all__ = ["PALETTE", "colour", "printable"]

#: Custom properties of CSS that both drawings use.
PALETTE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#191919;--soft:#696969;--line:#bdbdbd}
@media(prefers-color-scheme:dark){:root{--paper:#16181c;--ink:#ececec;--soft:#a5a5a5;--line:#5a5a5a}}
"""
# Characters that neither HTML nor XML may hold.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def colour(strength: float) -> str:
    """Colour of a weight as CSS: blue for, orange against, stronger for more.

    Parameters
    ----------
    strength : float, range -1 to 1
        The weight over the largest one's size.

    Examples
    --------
    >>> colour(1.0), colour(-0.5)
    ('rgba(30,110,255,0.650)', 'rgba(255,130,0,0.325)')
    """
    red, green, blue = (int(v) for v in (FOR if strength > 0 else AGAINST))
    return f"rgba({red},{green},{blue},{0.65 * abs(strength):.3f})"


def printable(text: str) -> str:
    r"""Replace what a page may not hold.

    Examples
    --------
    >>> printable("a\x00b")
    'a�b'
    """
    return _FORBIDDEN.sub("\ufffd", text)
