"""W3C trace context: what is no traceparent must not be passed on (Recommendation, 3.2.4)."""

from __future__ import annotations

import re

__all__ = ["without_invalid_trace"]

_TRACE = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?"
)


def without_invalid_trace(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers without traceparent and tracestate, unless there is one valid traceparent.

    Examples
    --------
    >>> without_invalid_trace([(b"traceparent", b"00-00"), (b"accept", b"*/*")])
    [(b'accept', b'*/*')]
    """
    found = [value for name, value in headers if name == b"traceparent"]
    match = _TRACE.fullmatch(found[0]) if len(found) == 1 else None
    # Version 00 ends where it ends; later ones may go on.
    if match is not None and not (found[0].startswith(b"00") and match[1]):
        return headers
    return [(n, v) for n, v in headers if n not in (b"traceparent", b"tracestate")]
