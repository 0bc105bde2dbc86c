"""Pictures for people: boxes drawn, thumbnails as data URIs."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from irbis.image.codec import Picture, encode

__all__ = ["HUMAN", "MACHINE", "data_uri", "draw_boxes", "thumbnail"]

# Told apart without telling red from green.
HUMAN = (255, 255, 255)
MACHINE = (255, 150, 0)


def draw_boxes(
    picture: Picture,
    boxes: Iterable[Any],
    colour: tuple[int, int, int] = MACHINE,
    captions: Sequence[str] | None = None,
) -> Picture:
    """Draw boxes (xmin, ymin, xmax, ymax), a dark edge around each line so that it shows anywhere."""
    image = Image.fromarray(np.ascontiguousarray(picture))
    draw = ImageDraw.Draw(image)
    thick = max(2, round(max(image.size) / 160))
    font = ImageFont.load_default(size=max(10, round(max(image.size) / 24)))
    for at, box in enumerate(boxes):
        corners = [float(v) for v in box]
        draw.rectangle(corners, outline=(0, 0, 0), width=thick + 2)
        inner = [corners[0] + 1, corners[1] + 1, corners[2] - 1, corners[3] - 1]
        if inner[0] < inner[2] and inner[1] < inner[3]:
            draw.rectangle(inner, outline=colour, width=thick)
        if captions is not None:
            _caption(draw, (corners[0] + thick, corners[1] + thick), captions[at], font, colour)
    return np.asarray(image)


def _caption(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    font: Any,
    colour: tuple[int, int, int],
) -> None:
    left, top, right, bottom = draw.textbbox(at, text, font=font)
    draw.rectangle((left - 2, top - 2, right + 2, bottom + 2), fill=(0, 0, 0))
    draw.text(at, text, fill=colour, font=font)


def thumbnail(picture: Picture, side: int = 240) -> Picture:
    """Shrink to at most `side` pixels on the long side."""
    image = Image.fromarray(np.ascontiguousarray(picture))
    image.thumbnail((side, side))
    return np.asarray(image)


def data_uri(picture: Picture) -> str:
    """JPEG as a data URI, for a page that carries its pictures itself."""
    return "data:image/jpeg;base64," + base64.b64encode(encode(picture, quality=80)).decode()
