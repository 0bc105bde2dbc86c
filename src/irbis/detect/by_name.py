"""Entries of a file found by a picture's path."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Generic, TypeVar

__all__ = ["ByName"]

T = TypeVar("T")


class ByName(Generic[T]):
    """File names in a file of boxes are relative to who knows what: a path belongs to the entry
    that agrees with it in the most trailing parts, in the file's name at least.

    Examples
    --------
    >>> known = ByName({"a/1.jpg": "first", "b/1.jpg": "second"})
    >>> known.find("/data/b/1.jpg"), known.find("2.jpg")
    ('second', None)
    """

    def __init__(self, entries: Mapping[str, T]) -> None:
        self._by_name: dict[str, list[tuple[tuple[str, ...], T]]] = {}
        for name, entry in entries.items():
            parts = _parts(name)
            self._by_name.setdefault(parts[0], []).append((parts, entry))

    def find(self, path: str) -> T | None:
        """The entry of a picture, or None."""
        parts = _parts(path)
        entries = self._by_name.get(parts[0], [])
        if not entries:
            return None
        return max(entries, key=lambda entry: _agreement(entry[0], parts))[1]


def _parts(name: str) -> tuple[str, ...]:
    """Parts of a path, the file's name first; MegaDetector on Windows writes backslashes."""
    return tuple(reversed(PurePosixPath(name.replace("\\", "/")).parts)) or ("",)


def _agreement(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count
