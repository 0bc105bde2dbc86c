"""Nothing secret leaves the doctor: a finding may quote an address or somebody else's error."""

from __future__ import annotations

import os
import re
from pathlib import Path

__all__ = ["redact"]

_NAME = re.compile(r"TOKEN|SECRET|PASSW|CREDENTIAL|APIKEY|(^|_)KEY(_|$)|(^|_)PWD$", re.IGNORECASE)
_PAIR = re.compile(
    r"\b(\w*(?:token|secret|password|passwd|apikey|api_key|authorization))"
    r"(\s*[=:]\s*)(?:bearer\s+)?[^\s;&,'\"]+",
    re.IGNORECASE,
)
_USER = re.compile(r"(\w+://)[^/@\s]+@")
_SHORTEST = 4  # a shorter value would be found inside ordinary words


def redact(text: str) -> str:
    """Replace what may be a secret by ``***``: values of the environment, of addresses, of pairs.

    Examples
    --------
    >>> redact("sc://me:pw@host:15002/;token=abc;x=1 at /tmp")
    'sc://***@host:15002/;token=***;x=1 at /tmp'
    """
    for name, value in os.environ.items():
        if _NAME.search(name) and len(value) >= _SHORTEST and not Path(value).exists():
            text = text.replace(value, "***")
    text = _PAIR.sub(r"\1\2***", text)
    return _USER.sub(r"\1***@", text)
