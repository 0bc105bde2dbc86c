"""A string that is not printed: what a key is while it is a Param. Imports no pyspark."""

from __future__ import annotations

from typing import Any, Self

from irbis.http.secrets import HIDDEN

__all__ = ["Hidden", "hidden_text"]


class Hidden(str):
    """A secret: printed and formatted as ``***``; :meth:`reveal` gives it.

    Examples
    --------
    >>> key = Hidden("s3cret")
    >>> f"{key} {key!r}", key.reveal()
    ("*** '***'", 's3cret')
    """

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        """Hide a string."""
        return super().__new__(cls, value.reveal() if isinstance(value, Hidden) else value)

    def __repr__(self) -> str:
        return repr(HIDDEN)

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, _: str) -> str:
        return HIDDEN

    def __reduce__(self) -> tuple[Any, ...]:
        return Hidden, (self.reveal(),)

    def reveal(self) -> str:
        """Return the secret itself."""
        return str.__str__(self)

    @property
    def lost(self) -> bool:
        """Whether it is only the mark that saving left."""
        return self.reveal() == HIDDEN


class _HiddenText:
    def __call__(self, value: Any) -> Hidden:
        if not isinstance(value, str) or not value:
            raise ValueError("a non-empty string")
        found = Hidden(value)
        if any(mark in found.reveal() for mark in "\r\n\0"):
            raise ValueError("a string without line breaks")
        return found

    @staticmethod
    def show(value: Any) -> str:
        """Say what was given without repeating it."""
        return f"a {type(value).__name__}, not shown"


#: Converter of Params that are secrets.
hidden_text = _HiddenText()
