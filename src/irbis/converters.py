"""What a Param accepts: each converter takes a value and returns it typed, or says what is wrong."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

__all__ = ["flag", "floats", "names", "number", "one_of", "optional", "text", "whole"]

T = TypeVar("T")


def text(value: Any) -> str:
    """Accept a non-empty string."""
    if not isinstance(value, str) or not value:
        raise ValueError("a non-empty string")
    return value


def flag(value: Any) -> bool:
    """Accept True or False, nothing that merely counts as one."""
    if not isinstance(value, bool):
        raise ValueError("True or False")
    return value


def whole(low: int, high: int | None = None) -> Callable[[Any], int]:
    """Accept a whole number from `low` to `high`, both included."""

    def convert(value: Any) -> int:
        integral = isinstance(value, numbers.Integral) and not isinstance(value, bool)
        if not integral or value < low or (high is not None and value > high):
            raise ValueError(f"a whole number {_range(low, high)}")
        return int(value)

    return convert


def number(low: float, high: float = math.inf, *, above: bool = False) -> Callable[[Any], float]:
    """Accept a finite number from `low` (excluded if `above`) to `high`."""

    def convert(value: Any) -> float:
        real = isinstance(value, numbers.Real) and not isinstance(value, bool)
        inside = real and math.isfinite(value) and low <= value <= high
        if not inside or (above and value == low):
            raise ValueError(f"a number {'above ' if above else ''}{_range(low, high)}")
        return float(value)

    return convert


def one_of(*choices: str) -> Callable[[Any], str]:
    """Accept one of the named choices."""

    def convert(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"one of {', '.join(map(repr, choices))}")
        return str(value)

    return convert


def names(value: Any) -> list[str]:
    """Accept a list of non-empty strings, at least one, none twice."""
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise ValueError("a list of names, at least one")
    listed = [text(v) for v in value]
    if len(set(listed)) != len(listed):
        raise ValueError("a list in which no name stands twice")
    return listed


def floats(value: Any) -> list[float]:
    """Accept a list of finite numbers."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError("a list of numbers")
    return [number(-math.inf)(v) for v in value]


def optional(convert: Callable[[Any], T]) -> Callable[[Any], T | None]:
    """Accept None, or what `convert` accepts."""

    def maybe(value: Any) -> T | None:
        return None if value is None else convert(value)

    if hasattr(convert, "show"):  # how it shows a value that must not be printed
        maybe.show = convert.show  # type: ignore[attr-defined]
    return maybe


def _range(low: float, high: float | None) -> str:
    if high is None or high == math.inf:
        return f"from {low} on" if low != -math.inf else "that is finite"
    return f"from {low} to {high}"
