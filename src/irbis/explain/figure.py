"""A picture beside its explanation, with a caption: one image to look at and to forward."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from irbis.explain.explanation import Explanation
from irbis.explain.overlay import AGAINST, FOR, explanation_image
from irbis.image.codec import Picture

__all__ = ["figure"]

_SIDE = 560  # long side of a picture
_MARGIN, _GAP = 28, 20
_PAPER, _INK, _SOFT = (255, 255, 255), (25, 25, 25), (105, 105, 105)
_TITLE, _TEXT = 30, 17


def figure(
    picture: Picture, explanation: Explanation, *, name: str, at: int = 0, caption: str = ""
) -> Picture:
    """Draw the picture, the same with its superpixels tinted, and what the colours mean.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width, 3)
    explanation : Explanation
    name : str
        Of the class.
    at : int, default 0
        Which of the explained classes.
    caption : str, default ""
        A line below.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    left = _resized(picture)
    right = Image.fromarray(explanation_image(np.asarray(left), explanation, at))
    title, text = (ImageFont.load_default(size=size) for size in (_TITLE, _TEXT))
    headline = f"{name}: probability {float(explanation.scores[at]):.3f}"
    legend = [(FOR, f"speaks for {name}"), (AGAINST, "speaks against it")]
    wide = max(
        2 * left.width + _GAP,
        title.getlength(headline),
        text.getlength(caption),
        sum(text.getlength(words) + 2 * _TEXT + _GAP for _, words in legend),
    )
    top = _MARGIN + _TITLE + _GAP
    low = top + left.height + _GAP
    size = (round(wide) + 2 * _MARGIN, round(low + 2.7 * _TEXT + _MARGIN))
    page = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(page)
    draw.text((_MARGIN, _MARGIN - 6), headline, fill=_INK, font=title)
    page.paste(left, (_MARGIN, top))
    page.paste(right, (_MARGIN + left.width + _GAP, top))
    _legend(draw, legend, (_MARGIN, low), text)
    draw.text((_MARGIN, low + 1.7 * _TEXT), caption, fill=_SOFT, font=text)
    return np.asarray(page)


def _resized(picture: Picture) -> Image.Image:
    image = Image.fromarray(np.ascontiguousarray(picture))
    scale = _SIDE / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _legend(
    draw: ImageDraw.ImageDraw, legend: list[Any], at: tuple[float, float], font: Any
) -> None:
    x, y = at
    for colour, words in legend:
        box = (x, y + 3, x + _TEXT - 3, y + _TEXT)
        draw.rectangle(box, fill=tuple(int(v) for v in colour))
        draw.text((x + _TEXT + 4, y), words, fill=_INK, font=font)
        x += _TEXT + 4 + font.getlength(words) + _GAP
