"""study.html: one file, with the deck's two matrices side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pyarrow as pa

from irbis.detect.catalog import Catalog
from irbis.detect.drawing import data_uri, thumbnail
from irbis.extras import require
from irbis.image.codec import PictureError, decode, pictures
from irbis.model.hub import ModelSchema
from irbis.study.burst import GeneratedBurst

__all__ = ["Shown", "render"]

_SAMPLES = 8


@dataclass(frozen=True)
class Shown:
    """Pictures of the page, as data URIs.

    Parameters
    ----------
    target, other : list of str
        Some of each class.
    burst : list of str
        A held-out picture of the target, then the frames made of it.
    """

    target: list[str]
    other: list[str]
    burst: list[str]

    @classmethod
    def of(cls, catalog: Catalog, shake: GeneratedBurst) -> Shown:
        """Choose and read them."""
        sides = [_spread(catalog.paths(label)) for label in (1.0, 0.0)]
        one = catalog.paths(1.0, True)[0]
        content = catalog.read([*sides[0], *sides[1], one])
        made = shake.transform(pa.table({"image": [content[one]]}))
        seen = pictures(made["seen"].combine_chunks())
        frames = [_small(frame) for frame in seen if not isinstance(frame, PictureError)]
        target, other = ([_small(decode(content[p])) for p in paths] for paths in sides)
        return cls(target, other, [_small(decode(content[one])), *frames])


def render(summary: dict[str, Any], shown: Shown, network: ModelSchema) -> str:
    """Make the page.

    Parameters
    ----------
    summary : dict
        What study.json holds.
    shown : Shown
    network : ModelSchema
    """
    jinja2 = require("jinja2", extra="viz")
    source = files("irbis.study").joinpath("page.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return str(environment.from_string(source).render(s=summary, shown=shown, network=network))


def _small(picture: Any) -> str:
    return data_uri(thumbnail(picture))


def _spread(paths: Sequence[str]) -> list[str]:
    step = max(len(paths) / _SAMPLES, 1.0)
    return [paths[int(i * step)] for i in range(min(_SAMPLES, len(paths)))]
