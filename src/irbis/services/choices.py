"""What Params of service stages accept, beside :mod:`irbis.converters`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["some_of"]


def some_of(*choices: str) -> Callable[[Any], list[str]]:
    """Accept a list of some of the named choices, or one of them.

    Examples
    --------
    >>> some_of("Tags", "Faces")("Tags")
    ['Tags']
    """

    def convert(value: Any) -> list[str]:
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, Sequence) or not set(listed) <= set(choices):
            raise ValueError(f"a list of {', '.join(map(repr, choices))}")
        return list(listed)

    return convert
