"""Where two rows differ, in the words of a stage's promises."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from irbis.stage import Traits

__all__ = ["difference"]


def difference(a: Any, b: Any, traits: Traits, path: str = "") -> str | None:
    """Path of the first difference between two values, and both; None if there is none.

    Examples
    --------
    >>> difference({"a": [1, 2]}, {"a": [1, 3]}, Traits())
    '.a[1]: 2 / 3'
    """
    if isinstance(a, dict) and isinstance(b, dict):
        if list(a) != list(b):
            return f"{path}: {list(a)} / {list(b)}"
        compared = [k for k in a if k not in traits.varies]
        found = (difference(a[k], b[k], traits, f"{path}.{k}") for k in compared)
        return next((f for f in found if f), None)
    if isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            return f"{path}: {len(a)} / {len(b)} items"
        both = enumerate(zip(a, b, strict=True))
        found = (difference(x, y, traits, f"{path}[{i}]") for i, (x, y) in both)
        return next((f for f in found if f), None)
    if isinstance(a, float) and isinstance(b, float):
        same = a == b or (np.isnan(a) and np.isnan(b))
        allowed = traits.tolerance * max(1.0, abs(a), abs(b))
        close = traits.tolerance and abs(a - b) <= allowed
        return None if same or close else f"{path}: {a!r} / {b!r}"
    if isinstance(a, datetime) and isinstance(b, datetime):
        # What collect() returns has lost its zone: it is this machine's.
        a, b = (v if a.tzinfo is b.tzinfo is None else v.astimezone(UTC) for v in (a, b))
    return None if a == b else f"{path}: {a!r} / {b!r}"[:300]
