"""Two chips side by side, with lines between the points that match."""

from __future__ import annotations

import base64
import colorsys
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from irbis.image.codec import Picture, encode

__all__ = ["draw_pair"]

_HIGH, _GAP, _LINES = 300, 8, 60
Box = tuple[float, float, float, float]
Point = tuple[float, float, float, float]


def draw_pair(
    query: Picture,
    query_box: Box | None,
    known: Picture,
    known_box: Box | None,
    points: Sequence[Point],
) -> str:
    """Draw what a person needs to judge a match, as a data URI.

    Parameters
    ----------
    query, known : ndarray of uint8, shape (height, width, 3)
    query_box, known_box : (xmin, ymin, xmax, ymax) or None
        What is shown of each; None: all.
    points : sequence of (x, y, known_x, known_y)
        Matched points, pixels of the two pictures. Of many, 60 are drawn, spread evenly.
    """
    left, at_left, zoom_left = _shown(query, query_box)
    right, at_right, zoom_right = _shown(known, known_box)
    sheet = Image.new("RGB", (left.width + _GAP + right.width, _HIGH), (255, 255, 255))
    sheet.paste(left, (0, 0))
    sheet.paste(right, (left.width + _GAP, 0))
    lines = Image.new("RGBA", sheet.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(lines)
    step = max(1, -(-len(points) // _LINES))
    # By place, so that the colours of neighbours differ little and a crossing line stands out.
    for number, (x, y, known_x, known_y) in enumerate(sorted(points)[::step]):
        hue = number / max(1, len(points) // step)
        red, green, blue = (int(255 * c) for c in colorsys.hsv_to_rgb(0.8 * hue, 0.9, 1.0))
        a = ((x - at_left[0]) * zoom_left, (y - at_left[1]) * zoom_left)
        b = (
            (known_x - at_right[0]) * zoom_right + left.width + _GAP,
            (known_y - at_right[1]) * zoom_right,
        )
        draw.line([a, b], fill=(red, green, blue, 170), width=2)
        for px, py in (a, b):
            draw.ellipse([px - 3, py - 3, px + 3, py + 3], outline=(red, green, blue, 255), width=2)
    sheet.paste(Image.alpha_composite(sheet.convert("RGBA"), lines).convert("RGB"))
    data = base64.b64encode(encode(np.asarray(sheet), 82)).decode()
    return f"data:image/jpeg;base64,{data}"


def _shown(picture: Picture, box: Box | None) -> tuple[Image.Image, tuple[int, int], float]:
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = box or (0.0, 0.0, float(width), float(height))
    left, top = max(0, int(x0)), max(0, int(y0))
    right, bottom = max(left + 1, min(width, int(x1))), max(top + 1, min(height, int(y1)))
    zoom = min(_HIGH / (bottom - top), 2 * _HIGH / (right - left))
    size = (max(1, round((right - left) * zoom)), max(1, round((bottom - top) * zoom)))
    crop = np.ascontiguousarray(picture[top:bottom, left:right])
    return Image.fromarray(crop).resize(size, Image.Resampling.BILINEAR), (left, top), zoom
