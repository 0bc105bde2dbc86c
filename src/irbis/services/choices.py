"""What Params of service stages accept, beside :mod:`irbis.converters`."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["encoded", "some_of", "written"]

_MARK = "base64:"


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


def encoded(value: Any) -> bytes:
    """Accept bytes, or what :func:`written` made of them.

    Examples
    --------
    >>> encoded(written(b"a picture"))
    b'a picture'
    """
    if isinstance(value, (bytes, bytearray)) and value:
        return bytes(value)
    if isinstance(value, str) and value.startswith(_MARK):
        return base64.b64decode(value.removeprefix(_MARK), validate=True)
    raise ValueError("bytes that are not empty")


def written(value: bytes) -> str:
    """Write bytes as text, for saving."""
    return _MARK + base64.b64encode(value).decode()
