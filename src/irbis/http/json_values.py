"""Python values of a row, written as JSON; nulls are written, not left out."""

from __future__ import annotations

import base64
import datetime as dt
import json
from decimal import Decimal
from typing import Any
from uuid import UUID

from irbis.http.failure import InvalidRequestError

__all__ = ["dump"]


def dump(value: Any) -> bytes:
    """Write JSON in UTF-8.

    Bytes become base64, dates and times ISO 8601, decimals numbers of double precision.

    Raises
    ------
    InvalidRequestError
        For what JSON has no way to write: NaN, infinities, values of unknown types.

    Examples
    --------
    >>> dump({"a": [1, None, "é"], "b": b"abc"}).decode()
    '{"a":[1,null,"é"],"b":"YWJj"}'
    """
    try:
        return _encoder.encode(value).encode()
    except InvalidRequestError:
        raise
    except (ValueError, TypeError, RecursionError, OverflowError):
        # The cause would repeat the value.
        raise InvalidRequestError(
            "a body that JSON has no way to write (NaN, infinity, lone surrogate or odd keys)"
        ) from None


def _other(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode()
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise InvalidRequestError("a decimal that is not finite")
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, UUID):
        return str(value)
    if hasattr(value, "tolist"):  # numpy
        return value.tolist()
    raise InvalidRequestError(f"a {type(value).__name__}, which JSON has no way to write")


# json.dumps would make one for each value.
_encoder = json.JSONEncoder(
    default=_other, ensure_ascii=False, allow_nan=False, separators=(",", ":")
)
