"""Names of ImageNet's 1000 classes, in the order of their WordNet numbers."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

__all__ = ["words"]


@lru_cache(maxsize=1)
def _all() -> tuple[str, ...]:
    text = files("irbis.services.local").joinpath("imagenet_words.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())


def words(index: int) -> str:
    """Name of a class.

    Examples
    --------
    >>> words(289)
    'snow leopard'
    """
    return _all()[index]
